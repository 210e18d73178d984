import { pino, type DestinationStream, type Logger } from 'pino';

/** Where log lines go: `process.stderr`, or anything that can be written to. */
export interface LogTarget {
  readonly isTTY?: boolean;
  write(line: string): unknown;
  /** Writes what it held back; absent: it holds nothing back. */
  flush?(): unknown;
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
const secretFields: ReadonlySet<string> = new Set([
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
]);
const censored = '[redacted]';
/** The least level that is never held back. */
const errorLevel = 50;

/** The server's logger: one JSON object a line, or short lines for people; instants in UTC. */
export function createLogger(options: LoggingOptions): Logger {
  const pretty = options.format === 'pretty' || (options.format === 'auto' && options.target.isTTY === true);
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: withoutSecrets,
      },
      redact: { paths: [...secretFields], censor: censored },
    },
    new Output(options, pretty),
  );
}

/** Where pino writes to. */
class Output implements DestinationStream {
  /** Has pino say the level of every line. */
  readonly [pino.symbols.needsMetadataGsym] = true;
  lastLevel = 0;
  readonly #options: LoggingOptions;
  readonly #pretty: boolean;

  constructor(options: LoggingOptions, pretty: boolean) {
    this.#options = options;
    this.#pretty = pretty;
  }

  write(line: string): void {
    const { ring, target } = this.#options;
    ring?.write(line);
    target.write(this.#pretty ? prettyLine(line) : line);
    if (this.lastLevel >= errorLevel) target.flush?.();
  }
}

/**
 * Censors one level deep; pino itself does the top, where that costs nothing. The same object where there is nothing to
 * hide: this looks at every line, and pino's own way of looking deeper copies each of them.
 */
function withoutSecrets(fields: Record<string, unknown>): Record<string, unknown> {
  let shown = fields;
  for (const [name, value] of Object.entries(fields)) {
    const visible = censoredInside(value);
    if (visible === value) continue;
    if (shown === fields) shown = { ...fields };
    shown[name] = visible;
  }
  return shown;
}

function censoredInside(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const hidden = Object.keys(value).filter((name) => secretFields.has(name));
  if (hidden.length === 0) return value;
  const copy: unknown = Object.create(
    Object.getPrototypeOf(value) as object | null,
    Object.getOwnPropertyDescriptors(value),
  );
  return Object.defineProperties(
    copy,
    Object.fromEntries(hidden.map((name) => [name, { value: censored, enumerable: true }])),
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
