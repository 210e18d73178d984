import { expect, test } from 'vitest';
import { emptyForward, fieldOf, forwardTexts, readForward, type ForwardContent } from './forwardForm.js';

const content: ForwardContent = {
  ...{ enabled: false, protocol: 'udp', publicPort: 2222, clientId: 'nas', clientPort: 22 },
  ...{ sources: ['198.51.100.0/24', '2001:db8::/32'], note: 'backups' },
};
const texts = { ...emptyForward, publicPort: '2222', clientId: 'nas' };

test('a forward comes out of the form as it went in', () => {
  expect(readForward(forwardTexts(content))).toEqual({ ok: true, content });
});

test('without a port of the client’s it is the public one', () => {
  expect(readForward(texts)).toMatchObject({
    ok: true,
    content: { clientPort: 2222, sources: [], note: null },
  });
});

test('each field says what is wrong with it', () => {
  expect(readForward(emptyForward)).toEqual({
    ...{ ok: false, mistakes: { publicPort: { code: 'missing' }, clientId: { code: 'missing' } } },
  });
  const wrong = {
    ...texts,
    publicPort: '70000',
    clientPort: 'ssh',
    sources: '10.0.0.1/8',
    note: 'x'.repeat(501),
  };
  expect(readForward(wrong)).toEqual({
    ok: false,
    mistakes: {
      publicPort: { code: 'outOfRange' },
      clientPort: { code: 'outOfRange' },
      sources: { code: 'hostBits', text: '10.0.0.1/8', network: '10.0.0.0/8' },
      note: { code: 'noteTooLong' },
    },
  });
});

test('a refusal is said at its field', () => {
  expect(
    ['PORT_FORWARD_TAKEN', 'PORT_FORWARD_RESERVED', 'CLIENT_NOT_FOUND', 'STORE_FULL'].map(fieldOf),
  ).toEqual([...['publicPort', 'publicPort', 'clientId', null]]);
});
