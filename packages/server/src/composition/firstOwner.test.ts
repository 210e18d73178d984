import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inviteFirstOwner, type FirstOwnerParts } from './firstOwner.js';

const secret = 'kP3-one-time-secret';

let stateDir: string;
let logged: string[];
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'owner-'));
  logged = [];
});
afterEach(async () => {
  await rm(stateDir, { recursive: true });
});

const invite = (change: Partial<FirstOwnerParts>): Promise<readonly string[]> =>
  inviteFirstOwner({
    links: { ofFirstOwner: async () => ({ secret, expiresAt: 0 }) } as unknown as FirstOwnerParts['links'],
    publicHost: 'vpn.example',
    apiAddress: '[::]:8080',
    stateDir,
    terminal: true,
    logger: pino({ level: 'trace' }, { write: (line: string) => logged.push(line) }),
    ...change,
  });

const squares = /[█▀▄]/;

test('at a terminal there are links, and a QR code of the one from elsewhere', async () => {
  const lines = await invite({});
  const text = lines.join('\n');
  expect(text).toContain(`https://vpn.example:8080/setup#${secret}`);
  expect(text).toContain(`http://localhost:8080/setup#${secret}`);
  const code = lines.filter((line) => squares.test(line));
  // Two modules of a QR code in each line of text.
  expect(code.length).toBeGreaterThan(10);
  expect(new Set(code.map((line) => line.length)).size).toBe(1);
});

test('whoever listens for this machine only has no use for a QR code', async () => {
  const text = (await invite({ apiAddress: '127.0.0.1:8080' })).join('\n');
  expect(text).not.toMatch(squares);
  expect(text).toContain(`http://localhost:8080/setup#${secret}`);
  expect(text).not.toContain('https://');
});

test('elsewhere the secret goes into a file for this user only, and into no log', async () => {
  const text = (await invite({ terminal: false })).join('\n');
  const file = join(stateDir, 'set-up-link');
  expect(await readFile(file, 'utf8')).toContain(secret);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(text + logged.join('')).not.toContain(secret);
  expect(text).not.toMatch(squares);
});
