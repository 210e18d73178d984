import { expect, test } from 'vitest';
import { formatPorts, parsePort, parsePorts } from './ports.js';

test.each<[string, readonly (readonly [number, number])[]]>([
  ['', []],
  ['443', [[443, 443]]],
  [
    '80 443',
    [
      [80, 80],
      [443, 443],
    ],
  ],
  [
    '8000-8999, 443',
    [
      [443, 443],
      [8_000, 8_999],
    ],
  ],
  ['8000 – 8999', [[8_000, 8_999]]],
  ['1-10,5-20,21', [[1, 21]]],
  [
    '65535，1',
    [
      [1, 1],
      [65_535, 65_535],
    ],
  ],
])('%j', (text, ports) => {
  expect(parsePorts(text)).toEqual({ ok: true, ports });
});

test.each([
  ['http', 'notAPort', 'http'],
  ['443, 0', 'outOfRange', '0'],
  ['65536', 'outOfRange', '65536'],
  ['90-80', 'backwards', '90-80'],
  ['1-2-3', 'notAPort', '1-2-3'],
])('%j is %s at %j', (text, code, part) => {
  expect(parsePorts(text)).toEqual({ ok: false, mistake: { text: part, code } });
});

test('ports are written as they are read', () => {
  const text = formatPorts([
    [443, 443],
    [8_000, 8_999],
  ]);
  expect(text).toBe('443, 8000–8999');
  expect(parsePorts(text)).toMatchObject({
    ports: [
      [443, 443],
      [8_000, 8_999],
    ],
  });
});

test('one port is one number', () => {
  expect([parsePort('22'), parsePort('0'), parsePort('22-23'), parsePort(' 22')]).toEqual([
    22,
    null,
    null,
    null,
  ]);
});
