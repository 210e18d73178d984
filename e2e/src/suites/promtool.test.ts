import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { run } from '../process/run.js';
import { inRepository } from '../repository.js';

const promtool = (...args: readonly string[]) => run({ program: 'promtool', args });
const testFiles = readdirSync(inRepository('prometheus', 'tests'));

describe('promtool', () => {
  it.for(['alerts.yml', 'recording.yml'])('accepts %s', async (file) => {
    expect(await promtool('check', 'rules', inRepository('prometheus', file))).toMatchObject({ code: 0 });
  });

  it.for(['prometheus/prometheus.yml', 'deploy/prometheus/prometheus.yml'])('accepts %s', async (file) => {
    expect(await promtool('check', 'config', inRepository(file))).toMatchObject({ code: 0 });
  });

  it.for(testFiles)('sees the alerts of %s fire, and not fire, as they should', async (file) => {
    const { code, stdout, stderr } = await promtool(
      'test',
      'rules',
      inRepository('prometheus', 'tests', file),
    );
    expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' });
  });
});
