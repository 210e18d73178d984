import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { SystemCommands } from './command.js';

let folder: string;
let commands: SystemCommands;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'masque-vpn-command-'));
  commands = new SystemCommands({ searchPath: `relative:${folder}`, timeoutMs: 5000 });
});
afterEach(() => rm(folder, { recursive: true }));

/** Puts a program called `conntrack` first on the search path. */
async function program(script: string): Promise<void> {
  await writeFile(join(folder, 'conntrack'), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, 'conntrack'), 0o755);
}

test('hands over arguments and input as they are', async () => {
  await program('printf "%s|" "$@"; cat');
  const result = await commands.run('conntrack', ['a b', '$(id)', '"'], 'input');
  expect(result).toEqual({ ok: true, value: { exitCode: 0, stdout: 'a b|$(id)|"|input', stderr: '' } });
});

test('a program that closes its input early is judged by its exit code', async () => {
  await program('exec <&-; exit 3');
  const result = await commands.run('conntrack', [], 'x'.repeat(1_000_000));
  expect(result).toMatchObject({ ok: true, value: { exitCode: 3 } });
});

test('says what failed and what the program said', async () => {
  await program('echo broken >&2; exit 2');
  expect(await commands.expect('conntrack', ['-D'])).toEqual({
    ok: false,
    error: { code: 'HOST_COMMAND_FAILED', message: 'conntrack -D: broken' },
  });
});

test.each(['RTNETLINK answers: Operation not permitted', 'Error: Permission denied (you must be root)'])(
  'tells missing privileges by "%s"',
  async (words) => {
    await program(`echo '${words}' >&2; exit 2`);
    expect(await commands.expect('conntrack', [])).toMatchObject({
      error: { code: 'HOST_PERMISSION_DENIED' },
    });
  },
);

test('ends a program that hangs', async () => {
  commands = new SystemCommands({ searchPath: folder, timeoutMs: 50 });
  await program('exec sleep 60');
  expect(await commands.run('conntrack', ['-L'])).toEqual({
    ok: false,
    error: { code: 'HOST_COMMAND_TIMEOUT', message: 'conntrack -L: no end after 50 ms' },
  });
});

test('a program that is nowhere is named with its package', async () => {
  commands = new SystemCommands({ searchPath: folder, timeoutMs: 50, usualFolders: [] });
  expect(await commands.run('conntrack', [])).toEqual({
    ok: false,
    error: {
      code: 'HOST_TOOL_MISSING',
      message:
        'the program "conntrack" is missing; install the package conntrack (apt-get install conntrack)',
    },
  });
});

test('a program that is nowhere is looked for again only after half a minute', async () => {
  let now = 0;
  commands = new SystemCommands({ searchPath: folder, timeoutMs: 5000, usualFolders: [], now: () => now });
  const code = async (): Promise<string | null> => {
    const result = await commands.run('conntrack', []);
    return result.ok ? null : result.error.code;
  };
  expect(await code()).toBe('HOST_TOOL_MISSING');
  await program('exit 0');
  now = 29_999;
  expect(await code()).toBe('HOST_TOOL_MISSING');
  now = 30_000;
  expect(await code()).toBe(null);
});
