import { pino, type Logger } from 'pino';

/** Where log lines go: `process.stderr`, or anything that can be written to. */
export interface LogTarget {
  readonly isTTY?: boolean;
  write(line: string): unknown;
}

export interface LoggingOptions {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  /** `auto`: pretty on a terminal, JSON otherwise. */
  readonly format: 'auto' | 'json' | 'pretty';
  readonly target: LogTarget;
  /** Gets every line as JSON, too; absent: nobody does. */
  readonly ring?: LogTarget;
}

/**
 * Fields that never reach a log, one level deep or at the top (CIP-1608). Nobody logs them on purpose; this is for
 * the object that is logged whole by mistake.
 */
const secretFields = [
  'keyPem',
  'privateKey',
  'private_key',
  'csrPem',
  'chainPem',
  'certificatePem',
  'leafCertificate',
  'authorization',
  'cookie',
  'password',
  'token',
  'secret',
] as const;

/** The server's logger: one JSON object a line, or short lines for people; instants in UTC. */
export function createLogger(options: LoggingOptions): Logger {
  const pretty = options.format === 'pretty' || (options.format === 'auto' && options.target.isTTY === true);
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
    },
    {
      write: (line: string) => {
        options.ring?.write(line);
        options.target.write(pretty ? prettyLine(line) : line);
      },
    },
  );
}

/** `12:34:56 warn  message  field=value …` */
function prettyLine(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const text = Object.entries(fields).map(([name, value]) => `${name}=${fieldText(value)}`);
  const clock = String(time).slice(11, 19);
  return `${clock} ${String(level).padEnd(5)} ${[typeof msg === 'string' ? msg : '', ...text].join('  ')}\n`;
}

function fieldText(value: unknown): string {
  if (typeof value === 'string') return /^[\w.:/@[\]-]+$/.test(value) ? value : JSON.stringify(value);
  if (isErrorLike(value)) return JSON.stringify(value.message);
  return JSON.stringify(value);
}

function isErrorLike(value: unknown): value is { readonly message: string } {
  return (
    typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string'
  );
}
