import { pino } from 'pino';
import { expect, test } from 'vitest';
import { effectiveConfiguration, type EffectiveConfiguration } from '../config/effective.js';
import { serverTomlSchema } from '../config/schema.js';
import { reload, type ReloadParts } from './reload.js';

function configuration(tables: Record<string, unknown>): EffectiveConfiguration {
  return effectiveConfiguration(null, serverTomlSchema.parse(tables), tables, new Set());
}

function parts(change: Partial<ReloadParts> = {}): ReloadParts & { readonly lines: string[] } {
  const lines: string[] = [];
  const stream = { write: (line: string) => lines.push(line) };
  return {
    credential: { refresh: () => Promise.resolve({ ok: true, value: false }) },
    effective: configuration({}),
    readConfig: () => ({ ok: true, value: { effective: configuration({}) } }),
    logger: pino({}, stream),
    ...change,
    lines,
  };
}

test('a new certificate is in use, and the log says so', async () => {
  const given = parts({ credential: { refresh: () => Promise.resolve({ ok: true, value: true }) } });
  expect(await reload(given)).toEqual({ certificate: 'new', needsRestart: [], problem: null });
  expect(given.lines.join()).toContain('"certificate":"new"');
});

test('what needs a restart is named, its value is not shown', async () => {
  const changed = configuration({ sessions: { per_client: 3 } });
  const given = parts({ readConfig: () => ({ ok: true, value: { effective: changed } }) });
  expect(await reload(given)).toMatchObject({ needsRestart: ['sessions.per_client'] });
  expect(given.lines.join()).toContain('sessions.per_client');
});

test('what is wrong with files is told, and nothing is thrown', async () => {
  const broken = { code: 'CONFIG_BAD_VALUE', message: 'no' };
  const given = parts({
    credential: {
      refresh: () => Promise.resolve({ ok: false, error: { code: 'PKI_OWN_UNREADABLE', message: 'no' } }),
    },
    readConfig: () => ({ ok: false, error: broken }),
  });
  expect(await reload(given)).toEqual({
    certificate: 'failed',
    needsRestart: [],
    problem: 'CONFIG_BAD_VALUE',
  });
});
