import { describe, expect, it } from 'vitest';
import { type Scope, WHOLE_NETWORK } from './scope.js';
import { defaultTemplate, expandTemplate, parseTemplate } from './template.js';
import { must, net } from './testing/parse.js';

const SCOPED: Scope = { target: { kind: 'prefix', prefix: net('2001:db8::/32') }, protocol: 17 };

function pathOf(template: string, scope: Scope): string {
  return expandTemplate(must(parseTemplate(template)), scope).path;
}

describe('parseTemplate (CIP-201)', () => {
  it.each([
    ['/ip/{target}', 'TEMPLATE_NOT_ABSOLUTE'],
    ['{+target}', 'TEMPLATE_NOT_ABSOLUTE'],
    ['', 'TEMPLATE_NOT_ABSOLUTE'],
    ['h/vpn', 'TEMPLATE_NOT_ABSOLUTE'],
    ['http://h/vpn', 'TEMPLATE_SCHEME_UNSUPPORTED'],
    ['https://{target}/', 'TEMPLATE_VARIABLE_MISPLACED'],
    ['https://h{target}/', 'TEMPLATE_VARIABLE_MISPLACED'],
    ['https:///vpn', 'TEMPLATE_AUTHORITY_INVALID'],
    ['https://u@h/vpn', 'TEMPLATE_AUTHORITY_INVALID'],
    ['https://h:0/vpn', 'TEMPLATE_AUTHORITY_INVALID'],
    ['https://h:65536/vpn', 'TEMPLATE_AUTHORITY_INVALID'],
    ['https://h:/vpn', 'TEMPLATE_AUTHORITY_INVALID'],
    ['https://::1/vpn', 'TEMPLATE_AUTHORITY_INVALID'],
    ['https://[::g]/vpn', 'TEMPLATE_AUTHORITY_INVALID'],
    ['https://192.0.2.256/vpn', 'TEMPLATE_AUTHORITY_INVALID'],
    ['https://h', 'TEMPLATE_PATH_MISSING'],
    ['https://h?t={target}', 'TEMPLATE_PATH_MISSING'],
    ['https://h/{+target}', 'TEMPLATE_EXPRESSION_INVALID'],
    ['https://h/{#target}', 'TEMPLATE_EXPRESSION_INVALID'],
    ['https://h/{.target}', 'TEMPLATE_EXPRESSION_INVALID'],
    ['https://h{/target}', 'TEMPLATE_VARIABLE_MISPLACED'],
    ['https://h/a{/target}', 'TEMPLATE_EXPRESSION_INVALID'],
    ['https://h/{;target}', 'TEMPLATE_EXPRESSION_INVALID'],
    ['https://h/{target:3}', 'TEMPLATE_EXPRESSION_INVALID'],
    ['https://h/{target*}', 'TEMPLATE_EXPRESSION_INVALID'],
    ['https://h/{}', 'TEMPLATE_EXPRESSION_INVALID'],
    ['https://h/{target,}', 'TEMPLATE_EXPRESSION_INVALID'],
    ['https://h/{target', 'TEMPLATE_CHARACTER_INVALID'],
    ['https://h/target}', 'TEMPLATE_CHARACTER_INVALID'],
    ['https://h/vpn#x', 'TEMPLATE_CHARACTER_INVALID'],
    ['https://h/%zz', 'TEMPLATE_CHARACTER_INVALID'],
    ['https://h/v pn', 'TEMPLATE_CHARACTER_INVALID'],
    ['https://h/\u00e9', 'TEMPLATE_CHARACTER_INVALID'],
  ])('refuses "%s" with %s', (text, code) => {
    expect(parseTemplate(text)).toMatchObject({ ok: false, error: { code } });
  });

  it.each([
    ['https://vpn.example.org/vpn', 'vpn.example.org', 'vpn.example.org', 443],
    ['https://VPN.example.org:443/vpn', 'VPN.example.org:443', 'VPN.example.org', 443],
    ['https://192.0.2.1:4443/vpn', '192.0.2.1:4443', '192.0.2.1', 4443],
    ['https://[2001:db8::1]/vpn', '[2001:db8::1]', '2001:db8::1', 443],
    ['HTTPS://h/vpn', 'h', 'h', 443],
  ])('reads authority, host and port of %s', (text, authority, host, port) => {
    expect(must(parseTemplate(text))).toMatchObject({ text, authority, host, port });
  });
});

describe('expandTemplate (CIP-204 … CIP-206)', () => {
  it.each([
    ['https://h/ip/{target}/{ipproto}/', '/ip/*/*/', '/ip/2001%3Adb8%3A%3A%2F32/17/'],
    [
      'https://h/vpn{?target,ipproto}',
      '/vpn?target=*&ipproto=*',
      '/vpn?target=2001%3Adb8%3A%3A%2F32&ipproto=17',
    ],
    ['https://h/vpn?t={target}', '/vpn?t=*', '/vpn?t=2001%3Adb8%3A%3A%2F32'],
    ['https://h/vpn?v=1{&target,user}', '/vpn?v=1&target=*', '/vpn?v=1&target=2001%3Adb8%3A%3A%2F32'],
    ['https://h/{target,ipproto}', '/*,*', '/2001%3Adb8%3A%3A%2F32,17'],
    ['https://h/vpn?user=bob', '/vpn?user=bob', '/vpn?user=bob'],
    ['https://h/a{other}b{?more}', '/ab', '/ab'],
  ])('%s', (template, whole, scoped) => {
    expect(pathOf(template, WHOLE_NETWORK)).toBe(whole);
    expect(pathOf(template, SCOPED)).toBe(scoped);
  });

  it('writes a single address without its length, and a host name as it is', () => {
    const host: Scope = { target: { kind: 'prefix', prefix: net('192.0.2.1') }, protocol: 'any' };
    const named: Scope = { target: { kind: 'hostname', name: 'host.example' }, protocol: 0 };
    expect(pathOf('https://h/{target}/{ipproto}', host)).toBe('/192.0.2.1/*');
    expect(pathOf('https://h/{target}/{ipproto}', named)).toBe('/host.example/0');
  });

  it('keeps the authority as written (CIP-301)', () => {
    expect(expandTemplate(must(parseTemplate('https://VPN.example.org:443/x')), WHOLE_NETWORK)).toEqual({
      scheme: 'https',
      authority: 'VPN.example.org:443',
      path: '/x',
    });
  });
});

describe('defaultTemplate (CIP-203)', () => {
  it.each([
    ['example.org', 'example.org', 443],
    ['example.org:4443', 'example.org:4443', 4443],
    ['192.0.2.1', '192.0.2.1', 443],
    ['2001:db8::1', '[2001:db8::1]', 443],
    ['[2001:db8::1]:4443', '[2001:db8::1]:4443', 4443],
  ])('of %s', (given, authority, port) => {
    const template = must(defaultTemplate(given));
    expect(template).toMatchObject({ authority, port });
    expect(expandTemplate(template, WHOLE_NETWORK).path).toBe('/.well-known/masque/ip/*/*/');
  });

  it.each(['', 'a b', 'h/x', 'h:99999', 'https://h', 'h?x', '{h}'])('refuses "%s"', (given) => {
    expect(defaultTemplate(given)).toMatchObject({
      ok: false,
      error: { code: 'TEMPLATE_AUTHORITY_INVALID' },
    });
  });
});
