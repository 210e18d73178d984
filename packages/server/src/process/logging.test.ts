import { expect, test } from 'vitest';
import { createLogger, type LoggingOptions } from './logging.js';

function logged(
  write: (logger: ReturnType<typeof createLogger>) => void,
  options: Partial<Omit<LoggingOptions, 'target'>> & { isTTY?: boolean } = {},
): string {
  let text = '';
  const { isTTY = false, ...rest } = options;
  const target = { isTTY, write: (line: string) => (text += line) };
  write(createLogger({ level: 'info', format: 'json', ...rest, target }));
  return text;
}

test('a line is one JSON object with level, UTC instant and fields', () => {
  const line = logged((logger) => logger.info({ clientId: 'alice' }, 'session opened'));
  expect(JSON.parse(line)).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown,
    clientId: 'alice',
    msg: 'session opened',
  });
});

test('keys, requests and certificates never get in, not even inside a logged object (CIP-1608)', () => {
  const secrets = { keyPem: 'SECRET-1', csrPem: 'SECRET-2', authorization: 'SECRET-3' };
  const text = logged((logger) => logger.info({ ...secrets, certificate: secrets }, 'oops'));
  expect(text).toContain('[redacted]');
  expect(text).not.toContain('SECRET');
});

test('nor from an error that carries them, whose message stays', () => {
  const error = Object.assign(new Error('no sign-in'), { password: 'SECRET' });
  const text = logged((logger) => logger.child({ token: 'SECRET' }).error({ err: error }));
  expect(text).toContain('no sign-in');
  expect(text).not.toContain('SECRET');
  expect(error.password).toBe('SECRET');
});

test('auto is for people on a terminal, JSON elsewhere', () => {
  const write = (logger: ReturnType<typeof createLogger>): void => {
    logger.warn({ reason: 'TUN_MISSING', detail: 'two words' }, 'no tunnel');
  };
  expect(logged(write, { format: 'auto', isTTY: true })).toMatch(
    /^\d\d:\d\d:\d\d warn {2}no tunnel {2}reason=TUN_MISSING {2}detail="two words"\n$/,
  );
  expect(logged(write, { format: 'auto' })).toMatch(/^\{.*\}\n$/);
});

test('lines below the level are not written', () => {
  expect(logged((logger) => logger.debug('noise'))).toBe('');
});
