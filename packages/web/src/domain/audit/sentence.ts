import type { Model } from '../../api/client.js';

export type AuditEntry = Model<'AuditEntry'>;

/** What happened, as the end of a key among `audit.said`, and the parts that its sentence has beside actor and target. */
export interface AuditSentence {
  readonly key: string;
  readonly parts: Readonly<Record<string, string>>;
  /** Names within `detail` that the sentence tells already. */
  readonly told: readonly string[];
}

/** The sentence that tells of an entry; actions that nobody has words for get the key `other`. */
export function sentenceOf(entry: AuditEntry, known: (key: string) => boolean): AuditSentence {
  const base = entry.action.replaceAll('.', '_');
  const variant = variantOf(entry);
  const key = [...(variant === null ? [] : [`${base}_${variant}`]), base].find(known);
  const parts = partsOf(entry);
  if (key === undefined) return { key: 'other', parts: { action: entry.action }, told: [] };
  return { key, parts, told: [...Object.keys(parts), ...(key === base ? [] : toldBy(variant ?? ''))] };
}

/** Where one action means different things to people. */
function variantOf({ action, detail, target }: AuditEntry): string | null {
  switch (action) {
    case 'client.update':
      return isOnly(detail, 'enabled') ? switchOf(after(detail['enabled'])) : null;
    case 'administrator.update':
      return isOnly(detail, 'enabled', 'sessionsEnded') ? switchOf(detail['enabled']) : null;
    case 'administrator.set_totp':
      return detail['totp'] === 'off' ? 'off' : null;
    case 'administrator.set_password':
      return detail['by'] === 'link' ? 'link' : null;
    case 'administrator.create':
      return detail['by'] === 'oidc' ? 'oidc' : null;
    case 'login.accept':
      return detail['how'] === 'oidc' ? 'oidc' : null;
    case 'login.refuse':
      if (detail['how'] === 'oidc') return 'oidc';
      return target.id === '' ? 'name' : null;
    case 'rule.create':
    case 'rule.update':
    case 'rule.delete':
      return typeof detail['action'] === 'string' ? detail['action'] : null;
    default:
      return null;
  }
}

function toldBy(variant: string): readonly string[] {
  switch (variant) {
    case 'on':
    case 'off':
      return ['enabled', 'totp'];
    case 'allow':
    case 'deny':
      return ['action'];
    case 'link':
    case 'oidc':
      return ['by', 'how'];
    case 'name':
      return ['wrong'];
    default:
      return [];
  }
}

/** What of the detail sentences name; a sentence may leave parts out. */
function partsOf({ action, detail }: AuditEntry): Readonly<Record<string, string>> {
  const names = named[action] ?? [];
  return Object.fromEntries(names.map((name) => [name, textOf(detail[name])]));
}

const named: Readonly<Record<string, readonly string[]>> = {
  'group.member.add': ['client'],
  'group.member.remove': ['client'],
  'client.prefix.grant': ['prefix'],
  'client.prefix.remove': ['prefix'],
  'lease.release': ['address'],
  'portForward.create': ['publicPort', 'client', 'clientPort'],
  'portForward.update': ['publicPort', 'client', 'clientPort'],
  'portForward.delete': ['publicPort', 'client', 'clientPort'],
  'token.create': ['name'],
  'token.revoke': ['name'],
  'webhook.create': ['host'],
  'webhook.update': ['host'],
  'webhook.delete': ['host'],
  'webhook.renewSecret': ['host'],
  'webhook.retry': ['host'],
};

function isOnly(detail: AuditEntry['detail'], first: string, ...others: readonly string[]): boolean {
  return first in detail && Object.keys(detail).every((name) => name === first || others.includes(name));
}

function switchOf(enabled: unknown): 'on' | 'off' {
  return enabled === true ? 'on' : 'off';
}

function after(change: unknown): unknown {
  return typeof change === 'object' && change !== null ? Reflect.get(change, 'to') : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** Page of what an entry is about; null: it has none, or none of its own. */
export function pathOf({ kind, id }: AuditEntry['target']): string | null {
  switch (kind) {
    case 'client':
      return `/clients/${encodeURIComponent(id)}`;
    case 'group':
      return `/groups/${encodeURIComponent(id)}`;
    case 'webhook':
      return `/webhooks/${encodeURIComponent(id)}`;
    case 'authority':
      return '/certificates';
    case 'settings':
      return '/settings';
    case 'rule':
      return '/rules';
    case 'portForward':
      return '/forwards';
    case 'token':
      return '/tokens';
    case 'administrator':
      return '/administrators';
    default:
      return null;
  }
}
