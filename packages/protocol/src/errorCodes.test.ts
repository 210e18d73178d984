import { describe, expect, it } from 'vitest';
import { PROTOCOL_ERROR_CODES } from './errorCodes.js';

describe('error codes', () => {
  it('are unique and upper-case words', () => {
    expect(new Set(PROTOCOL_ERROR_CODES).size).toBe(PROTOCOL_ERROR_CODES.length);
    for (const code of PROTOCOL_ERROR_CODES) expect(code).toMatch(/^[A-Z]+(_[A-Z]+)+$/);
  });
});
