import { expect, test } from 'vitest';
import { search, writeSetting, type Section } from './configuration.js';

const sections: readonly Section[] = [
  {
    name: 'api',
    description: '',
    settings: [
      { key: 'listen', description: 'TCP address', value: '[::]:8080', source: 'file' },
      { key: 'session_hours', description: 'Length', value: 24, source: 'default' },
    ],
  },
  {
    name: 'pool',
    description: '',
    settings: [{ key: 'ipv4', description: 'Addresses', value: ['10.89.0.0/16'], source: 'default' }],
  },
];
const find = (text: string, source = ''): readonly string[] =>
  search(sections, text, source, (_, setting) => setting.description).flatMap(({ name, settings }) =>
    settings.map(({ key }) => `${name}.${key}`),
  );

test('settings are found by name, description and value', () => {
  expect(find('API.')).toEqual(['api.listen', 'api.session_hours']);
  expect(find('tcp')).toEqual(['api.listen']);
  expect(find('10.89')).toEqual(['pool.ipv4']);
});

test('only what is not as by default can be shown', () => {
  expect(find('', 'changed')).toEqual(['api.listen']);
});

test('values are written as in the file', () => {
  expect([writeSetting('a"b'), writeSetting(true), writeSetting(['x', 'y'])]).toEqual([
    '"a\\"b"',
    'true',
    '["x", "y"]',
  ]);
});
