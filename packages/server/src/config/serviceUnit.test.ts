import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { defaultRuntimeDir, defaultStateDir } from './environment.js';
import { loadConfig } from './load.js';

const unit = readFileSync(new URL('../../../../deploy/masque-vpn.service', import.meta.url), 'utf8');
const root = { root: true, home: '/root', variables: {} };

/** The values of one setting of the unit. */
function valuesOf(name: string): readonly string[] {
  return [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

test('the service keeps its things where root looks for them', () => {
  const stateDir = defaultStateDir(root);
  const runtimeDir = defaultRuntimeDir(root, stateDir);
  const [command = ''] = valuesOf('ExecStart');
  expect(command).toContain(`--state-dir ${stateDir} --runtime-dir ${runtimeDir}`);
  expect([stateDir, runtimeDir]).toEqual([
    `/var/lib/${valuesOf('StateDirectory').join()}`,
    `/run/${valuesOf('RuntimeDirectory').join()}`,
  ]);
});

test('the service is given time to drain', () => {
  const loaded = loadConfig(null, {}, root);
  if (!loaded.ok) throw new Error('the defaults are wrong');
  expect(Number(valuesOf('TimeoutStopSec')[0])).toBeGreaterThan(loaded.config.sessions.drainMs / 1_000 + 10);
});

test('the service has the capabilities of a VPN on port 443, and no others', () => {
  const capabilities = ['CAP_NET_ADMIN CAP_NET_BIND_SERVICE'];
  expect(valuesOf('AmbientCapabilities')).toEqual(capabilities);
  expect(valuesOf('CapabilityBoundingSet')).toEqual(capabilities);
});
