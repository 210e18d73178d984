import { expect, test } from 'vitest';
import { effectiveConfiguration } from './effective.js';
import { serverTomlSchema } from './schema.js';

function settingOf(section: string, key: string, tables: Record<string, Record<string, unknown>>) {
  const toml = serverTomlSchema.parse(tables);
  const { sections } = effectiveConfiguration('/etc/x.toml', toml, tables, new Set(['server.state_dir']));
  const found = sections
    .find(({ name }) => name === section)
    ?.settings.find((setting) => setting.key === key);
  if (found === undefined) throw new Error(`no ${section}.${key}`);
  return found;
}

test('says of each value where it comes from', () => {
  const tables = { server: { host: 'vpn.example.org', state_dir: '/x' } };
  expect(settingOf('server', 'host', tables)).toMatchObject({ value: 'vpn.example.org', source: 'file' });
  expect(settingOf('server', 'state_dir', tables)).toMatchObject({ value: '/x', source: 'command' });
  expect(settingOf('sessions', 'per_client', tables)).toMatchObject({ value: 8, source: 'default' });
});

test.each([
  ['postgres://vpn:hunter2@db.example/vpn', 'postgres://vpn:[secret]@db.example/vpn'],
  ['postgres://vpn:hun@ter2@db.example/vpn', 'postgres://vpn:[secret]@db.example/vpn'],
  [
    'postgres://vpn@db.example/vpn?password=hunter2&sslmode=require',
    'postgres://vpn@db.example/vpn?password=[secret]&sslmode=require',
  ],
  ['postgres://vpn@db.example/vpn', 'postgres://vpn@db.example/vpn'],
])('shows no password: %s', (url, shown) => {
  expect(settingOf('store', 'url', { store: { url } }).value).toBe(shown);
});
