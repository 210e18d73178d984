import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { emptyPlan } from '../plan.js';
import { Namespace } from '../testing/index.js';
import type { HostAgentMethods } from './testing/host.agent.js';
import { openHostLab, type HostLab } from './testing/lab.js';
import { samplePlan } from './testing/samplePlan.js';

const agentModule = new URL('./testing/host.agent.ts', import.meta.url);
const done = { ok: true };

describe('who owns changes of a real kernel', () => {
  let lab: HostLab;
  let namespace: HostLab['namespace'];
  let host: HostLab['host'];
  let another: HostLab['another'];
  let folder: HostLab['folder'];
  let journal: HostLab['journal'];
  let before: HostLab['before'];

  beforeEach(async () => {
    lab = await openHostLab();
    ({ namespace, host, another, folder, journal, before } = lab);
  });
  afterEach(() => lab[Symbol.asyncDispose]());

  test('after SIGKILL the next start restores the host byte for byte (CIP-809)', async () => {
    await host.ask('open', journal);
    await host.ask('apply', samplePlan);
    await host.kill();
    expect(await namespace.dump()).not.toBe(before);

    const next = another();
    const opened = await next.ask('open', journal);
    expect(opened).toMatchObject({ ok: true });
    expect(JSON.stringify(opened)).toContain('masque_vpn_test');
    expect(await namespace.dump()).toBe(before);
    expect(await next.ask('apply', samplePlan)).toEqual(done);
    await next.ask('dispose', undefined);
    expect(await namespace.dump()).toBe(before);
  });

  test.each([1, 2, 3, 4])(
    'SIGKILL after change %i of applying leaves nothing after the next start',
    async (nth) => {
      const victim = another(await deadlyPrograms(folder, nth));
      await victim.ask('open', journal);
      victim.tell('apply', samplePlan);
      await victim.ended();
      expect(await namespace.dump()).not.toBe(before);
      expect(await host.ask('open', journal)).toMatchObject({ ok: true });
      expect(await namespace.dump()).toBe(before);
    },
  );

  test('a second owner is refused while the first lives', async () => {
    await host.ask('open', journal);
    const second = another();
    expect(await second.ask('open', journal)).toMatchObject({ ok: false, error: { code: 'HOST_BUSY' } });
    expect(await host.ask('open', journal)).toMatchObject({ ok: false, error: { code: 'HOST_BUSY' } });
  });

  test('two owners with journals of their own do not take each other’s rules or tables', async () => {
    await host.ask('open', journal);
    await host.ask('apply', samplePlan);
    const first = await namespace.dump();
    const second = another();
    await second.ask('open', `${journal}.second`);
    const rules = await second.ask('apply', { ...emptyPlan, rules: samplePlan.rules });
    expect(rules).toMatchObject({ ok: false, error: { code: 'HOST_CONFLICT' } });
    const routes = await second.ask('apply', { ...emptyPlan, routes: samplePlan.routes.slice(0, 1) });
    expect(routes).toMatchObject({ ok: false, error: { code: 'HOST_CONFLICT' } });
    const table = await second.ask('apply', { ...emptyPlan, nft: samplePlan.nft });
    expect(table).toMatchObject({ ok: false, error: { code: 'HOST_BUSY' } });
    expect(await namespace.dump()).toBe(first);
  });

  test.each([
    ['a rule with our priority', ['ip', 'rule', 'add', 'priority', '28017', 'lookup', 'main'], 'rule del'],
    ['a table of our name', ['nft', 'add', 'table', 'inet', 'masque_vpn_test'], 'nft delete table'],
    ['a route in our place', ['ip', 'route', 'add', 'throw', 'default', 'table', '28017'], 'File exists'],
  ])('%s of somebody else is a conflict and stays', async (_, [file = '', ...args], remedy) => {
    await namespace.run(file, ...args);
    before = await namespace.dump();
    await host.ask('open', journal);
    const applied = await host.ask('apply', samplePlan);
    expect(applied).toMatchObject({ ok: false, error: { code: 'HOST_CONFLICT' } });
    expect(JSON.stringify(applied)).toContain(remedy);
    expect(await namespace.dump()).toBe(before);
    await host.ask('dispose', undefined);
    expect(await namespace.dump()).toBe(before);
  });

  test('a journal that is no journal is replaced and said so', async () => {
    await namespace.run('sh', '-c', `echo '{"version":1,' > ${journal}`);
    expect(JSON.stringify(await host.ask('open', journal))).toContain('is not a journal');
    expect(JSON.parse(await readFile(journal, 'utf8'))).toMatchObject({ version: 1, rules: [] });
  });

  test('a journal of another network namespace undoes nothing here', async () => {
    await host.ask('open', journal);
    await host.ask('apply', samplePlan);
    await host.kill();
    await using elsewhere = await Namespace.open();
    const other = elsewhere.agent<HostAgentMethods>(agentModule);
    expect(JSON.stringify(await other.ask('open', journal))).toContain('another network namespace');
  });

  test('a journal that cannot be written is an error before anything changes', async () => {
    const opened = await host.ask('open', join(folder, 'missing', 'journal.json'));
    expect(opened).toMatchObject({ ok: false, error: { code: 'HOST_JOURNAL_FAILED' } });
    expect(await namespace.dump()).toBe(before);
  });
});

/** `ip` and `nft` that do what they should and kill their caller after the nth time they changed something. */
async function deadlyPrograms(folder: string, nth: number): Promise<string> {
  const programs = join(folder, 'programs');
  const count = join(folder, 'changes');
  await mkdir(programs);
  for (const name of ['ip', 'nft']) {
    const script = `#!/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin
${name} "$@"
status=$?
case "$*" in -j*) ;; *-batch*|"-f -") echo >> ${count}; [ $(wc -l < ${count}) -eq ${nth} ] && kill -9 $PPID;; esac
exit $status
`;
    await writeFile(join(programs, name), script, { mode: 0o755 });
  }
  return programs;
}
