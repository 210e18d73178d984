/** How a value is written: what its number or text means. */
export type ValueKind = 'plain' | 'bytes' | 'rate' | 'moment' | 'protocol' | 'ports';

/** One field of an entry's detail. */
export interface AuditedField {
  readonly name: string;
  readonly kind: ValueKind;
  /** Undefined: the entry does not tell what was there before. */
  readonly before?: unknown;
  readonly value: unknown;
}

const kinds: Readonly<Record<string, ValueKind>> = {
  rateUp: 'rate',
  rateDown: 'rate',
  sharedRateUp: 'rate',
  sharedRateDown: 'rate',
  monthlyQuota: 'bytes',
  expiresAt: 'moment',
  expiresAtMs: 'moment',
  notAfterMs: 'moment',
  protocol: 'protocol',
  ports: 'ports',
};

/** What an entry tells beside its sentence, in its order; empty values that nobody set are left out. */
export function fieldsOf(
  detail: Readonly<Record<string, unknown>>,
  told: readonly string[],
): readonly AuditedField[] {
  return Object.entries(detail).flatMap(([name, value]) => {
    const kind = kinds[name] ?? 'plain';
    if (told.includes(name)) return [];
    if (isChange(value)) return [{ name, kind, before: value.from, value: value.to }];
    return isNothing(value) ? [] : [{ name, kind, value }];
  });
}

function isChange(value: unknown): value is { readonly from: unknown; readonly to: unknown } {
  return typeof value === 'object' && value !== null && 'from' in value && 'to' in value;
}

function isNothing(value: unknown): boolean {
  return value === null || value === 0 || value === '' || (Array.isArray(value) && value.length === 0);
}

const protocolNames: Readonly<Record<number, string>> = { 0: '*', 1: 'ICMP', 6: 'TCP', 17: 'UDP' };

/** The words that a value is written with. */
export interface ValueWords {
  readonly none: string;
  readonly yes: string;
  readonly no: string;
  bytes(octets: number): string;
  rate(octetsPerSecond: number): string;
  moment(atMs: number): string;
  list(items: readonly string[]): string;
}

/** A value for people; structures that nobody has words for as JSON. */
export function writeValue(value: unknown, kind: ValueKind, words: ValueWords): string {
  if (value === null || value === undefined || value === '') return words.none;
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (typeof value === 'number') {
    if (kind === 'bytes') return words.bytes(value);
    if (kind === 'rate') return words.rate(value);
    if (kind === 'moment') return words.moment(value);
    return kind === 'protocol' ? (protocolNames[value] ?? String(value)) : String(value);
  }
  if (typeof value === 'string') return shortened(value);
  if (Array.isArray(value)) return writeList(value, kind, words);
  return writeEnd(value);
}

/** Fingerprints and ids are told apart by a part of them. */
function shortened(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return `${text.slice(0, 16)}…`;
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text) ? `…${text.slice(-8)}` : text;
}

function writeList(items: readonly unknown[], kind: ValueKind, words: ValueWords): string {
  if (items.length === 0) return words.none;
  if (kind === 'ports') return words.list(items.map(writePorts));
  return words.list(items.map((item) => (typeof item === 'string' ? shortened(item) : JSON.stringify(item))));
}

function writePorts(range: unknown): string {
  const [first, last] = Array.isArray(range) ? (range as unknown[]) : [range, range];
  return first === last ? String(first) : `${String(first)}–${String(last)}`;
}

/** An end of a rule: `prefixes 10.0.0.0/8`; anything else as JSON. */
function writeEnd(value: object): string {
  const { kind, ...rest } = value as { readonly kind?: unknown };
  if (typeof kind !== 'string') return JSON.stringify(value);
  const texts = Object.values(rest)
    .flat()
    .filter((part) => typeof part === 'string')
    .map(shortened);
  return [kind, ...texts].join(' ');
}
