import type { Model } from '../../../api/client.js';
import type { Format } from '../../../language/format.js';

export type Finding = Model<'ConnectionFinding'> | Model<'SpeedFinding'>;
type Facts = Finding['facts'];
type Fact = Facts[string];

/** The name of a finding's words: some codes read differently depending on their facts. */
export function wordingOf({ code, facts, severity }: Pick<Finding, 'code' | 'facts' | 'severity'>): string {
  if (code === 'REFUSED_LATELY' && severity === 'info') return 'REFUSED_BEFORE';
  if (code === 'RATE_LIMIT_BINDS') {
    const whose = facts['group'] === null || facts['group'] === undefined ? 'OWN' : 'GROUP';
    return `RATE_LIMIT_${whose}_${facts['direction'] === 'up' ? 'UP' : 'DOWN'}`;
  }
  return code;
}

/** Facts as they stand in a sentence, by the same names; `destination` is address and port together. */
export function factTexts(
  facts: Facts,
  format: Pick<Format, 'bytes' | 'dateTime' | 'list' | 'milliseconds' | 'number' | 'percent' | 'rate'>,
  causeText: (cause: string) => string,
): Readonly<Record<string, string>> {
  const texts = Object.entries(facts).map(([name, fact]): [string, string] => {
    if (name === 'reason' && typeof fact === 'string') return [name, causeText(fact)];
    return [name, textOf(name, fact, format)];
  });
  return { ...Object.fromEntries(texts), destination: destinationOf(facts) };
}

function textOf(name: string, fact: Fact, format: Parameters<typeof factTexts>[1]): string {
  if (Array.isArray(fact)) return format.list(fact);
  if (typeof fact !== 'number') return fact === null ? '–' : String(fact);
  if (/(?:^a|A)tMs$|^sinceMs$/.test(name)) return format.dateTime(fact);
  if (name.endsWith('Ms')) return format.milliseconds(fact);
  if (name.endsWith('BytesPerSecond') || name === 'bytesPerSecond') return format.rate(fact);
  if (name.endsWith('Bytes')) return format.bytes(fact);
  if (name.endsWith('Ratio') || name === 'share') return format.percent(fact);
  return format.number(fact);
}

function destinationOf({ remoteAddress, port }: Facts): string {
  const address = typeof remoteAddress === 'string' ? remoteAddress : '';
  if (typeof port !== 'number') return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** What is done about a finding on this page itself. */
export type RemedyAction = 'enable' | 'edit' | 'limits';

/** Where, or how, something is done about a finding; null: not in these pages. */
export type Remedy =
  | { readonly kind: 'action'; readonly action: RemedyAction }
  | {
      readonly kind: 'place';
      readonly route: string;
      /** Whose page it is; absent: the client's, where pages are of one. */
      readonly id?: string;
      readonly query?: Readonly<Record<string, string>>;
    };

export function remedyOf({ code, facts }: Pick<Finding, 'code' | 'facts'>, client: string): Remedy | null {
  const place = (route: string, query?: Readonly<Record<string, string>>): Remedy => ({
    kind: 'place',
    route,
    ...(query === undefined ? {} : { query }),
  });
  switch (code) {
    case 'CLIENT_DISABLED':
      return { kind: 'action', action: 'enable' };
    case 'CLIENT_EXPIRED':
      return { kind: 'action', action: 'edit' };
    case 'QUOTA_EXCEEDED':
    case 'QUOTA_NEARLY_USED':
    case 'LIMIT_PER_CLIENT':
      return { kind: 'action', action: 'limits' };
    case 'RATE_LIMIT_BINDS':
      return typeof facts['group'] === 'string'
        ? { kind: 'place', route: 'groupLimits', id: facts['group'] }
        : { kind: 'action', action: 'limits' };
    case 'CLIENT_NOT_ENROLLED':
    case 'LINK_UNUSED':
    case 'LINK_EXPIRED':
    case 'CERTIFICATE_REVOKED':
    case 'CERTIFICATE_EXPIRED':
    case 'CERTIFICATE_NOT_YET_VALID':
    case 'CERTIFICATE_EXPIRES_SOON':
      return place('clientCredentials');
    case 'NOTHING_ALLOWED':
      return place('clientAccess');
    case 'CLIENT_CONNECTED':
      return place('clientSessions');
    case 'REFUSED_LATELY':
      return place('sessionHistory', { client, state: 'refused' });
    case 'FLOWS_REFUSED':
      return place('flows', { client, verdict: 'refused' });
    case 'POOL_EXHAUSTED':
    case 'ADDRESS_RESTING':
      return place('pools');
    case 'LIMIT_OF_SERVER':
      return place('settings');
    case 'TUN_DOWN':
    case 'STORE_UNAVAILABLE':
    case 'CLIENT_NEVER_SEEN':
    case 'NOTHING_IN_THE_WAY':
    case 'WORKERS_BUSY':
    case 'EVENT_LOOP_BUSY':
      return place('overview');
    default:
      return null;
  }
}
