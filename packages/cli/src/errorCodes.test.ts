import { readFileSync } from 'node:fs';
import { clientFailureCodes } from '@masque-vpn/client';
import { connectionCloseCauses, engineErrorCodes, sessionCloseCauses } from '@masque-vpn/engine';
import { hostErrorCodes } from '@masque-vpn/host';
import { PROTOCOL_ERROR_CODES } from '@masque-vpn/protocol';
import { serverErrorCodes } from '@masque-vpn/server';
import { expect, it } from 'vitest';
import { commandFailureCodes } from './commandResult.js';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

/** First cells of the tables' rows. */
const documented = [...page.matchAll(/^\| `(\w+)` +\|/gm)].map(([, code = '']) => code);
const isCode = (text: string): boolean => /^[A-Z][A-Z0-9_]+$/.test(text);

/** Every stable code of every package. */
const codes: readonly string[] = [
  ...PROTOCOL_ERROR_CODES,
  ...engineErrorCodes,
  ...hostErrorCodes,
  ...serverErrorCodes,
  ...clientFailureCodes,
  ...commandFailureCodes,
];

it('docs/errors.md explains every code, and none that does not exist', () => {
  expect([...new Set(documented.filter(isCode))].sort()).toEqual([...new Set(codes)].sort());
});

it('docs/errors.md explains no code twice', () => {
  expect(documented).toEqual([...new Set(documented)]);
});

it('docs/errors.md explains every end of a session and a connection', () => {
  const words = documented.filter((text) => !isCode(text));
  expect(words.sort()).toEqual(
    [...new Set<string>([...sessionCloseCauses, ...connectionCloseCauses])].sort(),
  );
});
