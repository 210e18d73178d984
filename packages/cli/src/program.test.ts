import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { say } from './testing/testWorld.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'masque-vpn-program-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

describe('masque-vpn', () => {
  it('prints its version', async () => {
    expect(await say('--version')).toEqual({ exit: 0, out: '0.1.0\n', err: '' });
  });

  it('explains itself with examples and exit codes', async () => {
    const { exit, out } = await say('--help');
    expect(exit).toBe(0);
    for (const part of [
      'server [options]',
      'connect [options] <profile>',
      '$ sudo masque-vpn',
      'Exit codes: 0 done',
    ]) {
      expect(out).toContain(part);
    }
  });

  it.each([
    ['without a command', []],
    ['with an unknown command', ['conect']],
    ['with an unknown option', ['status', '--jsn']],
    ['without a profile', ['connect']],
  ])('%s ends with 2 and says what is wrong', async (_, args) => {
    const said = await say(...args);
    expect(said).toMatchObject({ exit: 2, out: '' });
    expect(said.err).not.toBe('');
  });

  it('guesses what was meant', async () => {
    expect((await say('conect')).err).toContain('(Did you mean connect?)');
  });
});

describe('server', () => {
  it('ends with 2 when its configuration is wrong, naming the place', async () => {
    const file = join(directory, 'server.toml');
    await writeFile(file, '[server]\nlisen = "[::]:443"\n');
    const said = await say('server', '--config', file);
    expect(said).toMatchObject({ exit: 2, out: '' });
    expect(said.err).toContain(`${file}:2:1`);
    expect(said.err.match(/CONFIG_UNKNOWN_KEY/g)).toHaveLength(1);
  });
});

describe('status', () => {
  it('ends with 5 where nothing runs', async () => {
    const where = ['--runtime-dir', directory, '--socket', join(directory, 'admin.sock')];
    expect(await say('status', ...where)).toMatchObject({
      exit: 5,
      err: expect.stringContaining('(CLI_NOTHING_RUNS)') as string,
    });
    expect(await say('status', '--json', ...where)).toEqual({
      exit: 0,
      out: '{"clients":[],"server":null}\n',
      err: '',
    });
  });
});

describe('complete', () => {
  let printed: string;
  beforeEach(() => {
    printed = '';
    vi.spyOn(console, 'log').mockImplementation((text: unknown) => {
      printed += `${String(text)}\n`;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('offers commands and options', async () => {
    expect((await say('complete', '--', 'admin', 'cl')).exit).toBe(0);
    expect(printed).toMatch(/^client\tWho may connect\.$/m);
    printed = '';
    await say('complete', '--', 'admin', 'client', 'set', 'alice', '--rate');
    expect(printed).toMatch(/^--rate-up\t/m);
  });

  it('prints a script for a shell', async () => {
    await say('complete', 'bash');
    expect(printed).toContain('masque-vpn complete --');
  });

  it('is explained like every command', async () => {
    expect((await say('complete', '--help')).out).toContain('source <(masque-vpn complete bash)');
    expect(await say('complete')).toMatchObject({ exit: 2 });
  });
});
