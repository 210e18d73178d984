import { describe, expect, it } from 'vitest';
import { addressesOf } from './resolve.js';

describe('addresses of a server', () => {
  it('alternate between families, the preferred one first (RFC 8305 §4)', async () => {
    const found = ['2001:db8::1', '2001:db8::2', '2001:db8::3', '192.0.2.1'];
    expect(await addressesOf('vpn.example.org', async () => found)).toEqual({
      ok: true,
      value: ['2001:db8::1', '192.0.2.1', '2001:db8::2', '2001:db8::3'],
    });
  });

  it('lose none when the other family has more', async () => {
    const found = ['192.0.2.1', '2001:db8::1', '2001:db8::2', '2001:db8::3'];
    expect(await addressesOf('vpn.example.org', async () => found)).toEqual({
      ok: true,
      value: ['192.0.2.1', '2001:db8::1', '2001:db8::2', '2001:db8::3'],
    });
  });

  it('are the host itself where it is an address', async () => {
    const never = async (): Promise<never> => Promise.reject(new Error('asked'));
    expect(await addressesOf('2001:db8::1', never)).toEqual({ ok: true, value: ['2001:db8::1'] });
  });

  it('are asked for again soon when there are none', async () => {
    const failure = { ok: false, error: { code: 'SERVER_NAME_UNRESOLVED', retry: 'soon' } };
    expect(await addressesOf('x', async () => [])).toMatchObject(failure);
    expect(await addressesOf('x', async () => Promise.reject(new Error('ENOTFOUND')))).toMatchObject(failure);
  });
});
