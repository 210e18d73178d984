import { readFileSync } from 'node:fs';
import { clientFailureCodes } from '@masque-vpn/client';
import { expect, it } from 'vitest';
import { commandFailureCodes } from './commandResult.js';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

it.each([...clientFailureCodes, ...commandFailureCodes])('docs/errors.md explains %s', (code) => {
  expect(page).toMatch(new RegExp(`^\\| \`${code}\` +\\|`, 'm'));
});

it('docs/errors.md explains no code of client and command line that does not exist', () => {
  const explained = [...page.matchAll(/^\| `((?:PROFILE|TUNNEL|CLI)_[A-Z_]+)` +\|/gm)].map(
    ([, code]) => code,
  );
  expect([...clientFailureCodes, ...commandFailureCodes]).toEqual(expect.arrayContaining(explained));
});
