import type { GroupRecord, Membership } from '../../store/groups.js';
import type { ClientPrefixRecord, PortForwardRecord } from '../../store/reach.js';
import type { RuleContent, RuleRecord } from '../../store/rules.js';
import { PolicyBook, type PolicySource } from '../book.js';

/** A policy as a test writes it; clients and groups are their own uuids. */
export interface PolicyText {
  /** Client → groups. */
  readonly members?: Readonly<Record<string, readonly string[]>>;
  readonly rules?: readonly Partial<RuleContent>[];
  readonly forwards?: readonly (Partial<PortForwardRecord> & Pick<PortForwardRecord, 'clientUuid'>)[];
  /** Client → prefixes behind it. */
  readonly prefixes?: Readonly<Record<string, readonly string[]>>;
  readonly groups?: Readonly<Record<string, Partial<GroupRecord>>>;
}

/** A rule that allows everybody everything but each other, except for what a test says. */
export function ruleRecord(content: Partial<RuleContent>, number: number): RuleRecord {
  return {
    uuid: `rule ${number}`,
    number,
    position: number,
    enabled: true,
    action: 'allow',
    subject: { kind: 'everyone' },
    destination: { kind: 'any' },
    protocol: 0,
    ports: [],
    note: null,
    createdAt: 0,
    updatedAt: 0,
    version: 1,
    ...content,
  };
}

/** A store that holds what a test says; rules have the numbers 1, 2, …, forwards 1,001, …. */
export class MemoryPolicy implements PolicySource {
  #source = sourceOf({});

  constructor(text: PolicyText = {}) {
    this.hold(text);
  }

  /** Whoever has read it reads it again. */
  hold(text: PolicyText): void {
    this.#source = sourceOf(text);
  }

  get groups(): PolicySource['groups'] {
    return this.#source.groups;
  }

  get rules(): PolicySource['rules'] {
    return this.#source.rules;
  }

  get reach(): PolicySource['reach'] {
    return this.#source.reach;
  }
}

/** A book that is read from nothing but a test's text. */
export function bookOf(text: PolicyText): Promise<PolicyBook> {
  return PolicyBook.load(new MemoryPolicy(text));
}

function sourceOf(text: PolicyText): PolicySource {
  const memberships = Object.entries(text.members ?? {}).flatMap(([clientUuid, groups]) =>
    groups.map((groupUuid): Membership => ({ clientUuid, groupUuid })),
  );
  const slugs = new Set([
    ...memberships.map(({ groupUuid }) => groupUuid),
    ...Object.keys(text.groups ?? {}),
  ]);
  const groups = [...slugs].sort().map((slug) => ({ ...emptyGroup(slug), ...text.groups?.[slug] }));
  const rules = (text.rules ?? []).map((content, index) => ruleRecord(content, index + 1));
  const forwards = (text.forwards ?? []).map((forward, index) => forwardRecord(forward, 1_001 + index));
  const prefixes = Object.entries(text.prefixes ?? {}).flatMap(([clientUuid, list]) =>
    list.map((prefix): ClientPrefixRecord => ({ uuid: prefix, clientUuid, prefix, createdAt: 0 })),
  );
  const answer = <T>(value: T): Promise<T> => Promise.resolve(value);
  return {
    groups: {
      list: () => answer(groups),
      memberships: (page) => {
        const after = page?.after ?? '';
        const clients = [...new Set(memberships.map(({ clientUuid }) => clientUuid))]
          .filter((clientUuid) => clientUuid > after)
          .sort()
          .slice(0, page?.clients);
        return answer(
          clients.flatMap((client) => memberships.filter(({ clientUuid }) => clientUuid === client)),
        );
      },
      groupsOf: (client) => answer(text.members?.[client] ?? []),
    },
    rules: { list: () => answer(rules), listVersion: () => answer(1) },
    reach: { listForwards: () => answer(forwards), listPrefixes: () => answer(prefixes) },
  };
}

function forwardRecord(
  content: Partial<PortForwardRecord> & Pick<PortForwardRecord, 'clientUuid'>,
  number: number,
): PortForwardRecord {
  return {
    uuid: `forward ${number}`,
    number,
    enabled: true,
    protocol: 6,
    publicPort: number,
    clientPort: 80,
    sources: [],
    note: null,
    createdAt: 0,
    updatedAt: 0,
    version: 1,
    ...content,
  };
}

function emptyGroup(slug: string): GroupRecord {
  return {
    uuid: slug,
    slug,
    displayName: slug,
    note: null,
    oidcClaim: null,
    rateUp: null,
    rateDown: null,
    sharedRateUp: null,
    sharedRateDown: null,
    monthlyQuota: null,
    maxSessions: null,
    routes: null,
    dns: null,
    createdAt: 0,
    updatedAt: 0,
    version: 1,
  };
}
