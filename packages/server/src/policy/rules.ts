import { fail, ok, type Result } from '@masque-vpn/protocol';
import type { Actor, By } from '../audit/actor.js';
import type { Clock } from '../process/clock.js';
import { attempt } from '../store/attempt.js';
import type { AuditDetail } from '../store/audit.js';
import type { Repositories } from '../store/repositories.js';
import type { RuleContent, RuleRecord } from '../store/rules.js';
import type { Store } from '../store/store.js';
import { changedMeanwhile, type PolicyFailure } from './failure.js';
import type { PolicyKeeper } from './keeper.js';
import { contentOf, type RuleDraft, type Slugs } from './ruleDraft.js';
import { placeAmong, type RulePlace } from './ruleOrder.js';

/** How many rules there may be: each is judged for each new flow. */
export const mostRules = 500;

export interface RulesOptions {
  readonly store: Pick<Store, 'atomically'>;
  readonly slugs: Slugs;
  readonly keeper: Pick<PolicyKeeper, 'rulesChanged'>;
  readonly clock: Clock;
}

/** A rule of a whole list: one that exists, by its uuid, or a new one. */
export type ListedRule = RuleDraft & { readonly uuid: string | null };

/**
 * Creates, changes, moves and deletes rules: first in the store, with the audit entry, then in memory, then for live
 * sessions. Every method throws `StoreError`.
 */
export class Rules {
  readonly #options: RulesOptions;

  constructor(options: RulesOptions) {
    this.#options = options;
  }

  /** Codes: those of {@link contentOf}, RULE_LIMIT_REACHED, and RULE_NOT_FOUND for the place. */
  create(draft: RuleDraft, place: RulePlace, actor: Actor): Promise<Result<RuleRecord, PolicyFailure>> {
    return this.#change(async (repositories, now) => {
      const content = contentOf(draft, this.#options.slugs);
      if (!content.ok) return content;
      const others = await repositories.rules.list();
      if (others.length >= mostRules) return tooMany();
      const position = await makeRoom(repositories, others, place);
      if (position === null) return notFound(uuidOf(place));
      const rule = await repositories.rules.insert({ ...content.value, position, now });
      await note(repositories, {
        actor,
        action: 'rule.create',
        target: rule.uuid,
        detail: await toldOf(repositories, rule),
        now,
      });
      return ok(rule);
    });
  }

  /**
   * Changes what is named, and moves it when a place is. Codes: those of {@link contentOf}, RULE_NOT_FOUND,
   * API_VERSION_CONFLICT.
   */
  change(
    uuid: string,
    change: { readonly draft: Partial<RuleDraft>; readonly place: RulePlace | null },
    { actor, version }: By,
  ): Promise<Result<RuleRecord, PolicyFailure>> {
    return this.#change(async (repositories, now) => {
      const all = await repositories.rules.list();
      const before = all.find((rule) => rule.uuid === uuid);
      if (before === undefined) return notFound(uuid);
      if (version !== null && version !== before.version) return changedMeanwhile(before.version);
      const content = contentOf({ ...before, ...change.draft }, this.#slugsOrUuids(before));
      if (!content.ok) return content;
      const others = all.filter((rule) => rule !== before);
      const position =
        change.place === null ? before.position : await makeRoom(repositories, others, change.place);
      if (position === null) return notFound(change.place === null ? uuid : uuidOf(change.place));
      const guard = { version: before.version, now };
      const rule = await repositories.rules.update(uuid, { ...content.value, position }, guard);
      if (rule === null) return changedMeanwhile(before.version + 1);
      const detail = await toldOf(repositories, rule);
      await note(repositories, { actor, action: 'rule.update', target: uuid, detail, now });
      return ok(rule);
    });
  }

  /** Codes: RULE_NOT_FOUND, API_VERSION_CONFLICT. */
  remove(uuid: string, { actor, version }: By): Promise<Result<void, PolicyFailure>> {
    return this.#change(async (repositories, now) => {
      const rule = (await repositories.rules.list()).find((candidate) => candidate.uuid === uuid);
      if (rule === undefined) return notFound(uuid);
      if (version !== null && version !== rule.version) return changedMeanwhile(rule.version);
      await repositories.rules.delete([uuid]);
      const detail = await toldOf(repositories, rule);
      await note(repositories, { actor, action: 'rule.delete', target: uuid, detail, now });
      return ok(undefined);
    });
  }

  /**
   * Puts a whole list in the place of the one before, as one: rules with the uuid of one that exists stay that rule.
   * `version` is that of the list. Codes: those of {@link contentOf}, RULE_NOT_FOUND, API_VERSION_CONFLICT.
   */
  replace(
    list: readonly ListedRule[],
    { actor, version }: By,
  ): Promise<Result<readonly RuleRecord[], PolicyFailure>> {
    return this.#change(async (repositories, now, listVersion) => {
      if (version !== null && version !== listVersion - 1) return changedMeanwhile(listVersion - 1);
      if (list.length > mostRules) return tooMany();
      const before = new Map((await repositories.rules.list()).map((rule) => [rule.uuid, rule]));
      const written = await this.#writeList(repositories, list, { before, now });
      if (!written.ok) return written;
      const kept = new Set(written.value.map(({ uuid }) => uuid));
      const gone = [...before.keys()].filter((uuid) => !kept.has(uuid));
      await repositories.rules.delete(gone);
      const detail = { rules: await allTold(repositories, written.value), deleted: gone };
      await note(repositories, { actor, action: 'rule.replaceAll', target: 'all', detail, now });
      return written;
    });
  }

  async #writeList(
    repositories: Repositories,
    list: readonly ListedRule[],
    { before, now }: { readonly before: Map<string, RuleRecord>; readonly now: number },
  ): Promise<Result<readonly RuleRecord[], PolicyFailure>> {
    const written: RuleRecord[] = [];
    for (const { uuid, ...draft } of list) {
      const content = contentOf(draft, this.#options.slugs);
      if (!content.ok) return content;
      const place = { position: written.length + 1 };
      const known = uuid === null ? null : before.get(uuid);
      // One that stands twice in the list is there once only.
      if (known === undefined || written.some((rule) => rule.uuid === uuid)) return notFound(uuid ?? '');
      const rule =
        known === null
          ? await repositories.rules.insert({ ...content.value, ...place, now })
          : await rewrite(repositories, known, { ...content.value, ...place }, now);
      if (rule === null) return notFound(uuid ?? '');
      written.push(rule);
    }
    return ok(written);
  }

  /** What stays of a stored rule has uuids already. */
  #slugsOrUuids(before: RuleContent): Slugs {
    const { slugs } = this.#options;
    const own = [before.subject, before.destination].flatMap((end) => ('id' in end ? [end.id] : []));
    const keep = (id: string): string | null => (own.includes(id) ? id : null);
    return {
      group: (id) => keep(id) ?? slugs.group(id),
      client: (id) => keep(id) ?? slugs.client(id),
    };
  }

  async #change<T>(
    work: (repositories: Repositories, now: number, listVersion: number) => Promise<Result<T, PolicyFailure>>,
  ): Promise<Result<T, PolicyFailure>> {
    const { store, keeper, clock } = this.#options;
    const now = Math.trunc(clock.now());
    const changed = await attempt<T, PolicyFailure>(store, async (repositories) => {
      const listVersion = await repositories.rules.lock();
      const outcome = await work(repositories, now, listVersion);
      if (outcome.ok) await repositories.changes.publish({ kind: 'policy', id: 'rules' });
      return outcome;
    });
    if (changed.ok) await keeper.rulesChanged();
    return changed;
  }
}

/** The position for a place, after moving what has to; null when what it should stand beside is not there. */
async function makeRoom(
  { rules }: Repositories,
  others: readonly RuleRecord[],
  place: RulePlace,
): Promise<number | null> {
  const placement = placeAmong(others, place);
  if (placement === null) return null;
  for (const [uuid, position] of placement.moved) await rules.move(uuid, position);
  return placement.position;
}

/** A rule that says the same only moves: its version stays. */
async function rewrite(
  { rules }: Repositories,
  before: RuleRecord,
  after: RuleContent & { readonly position: number },
  now: number,
): Promise<RuleRecord | null> {
  if (JSON.stringify(detailOf(before)) !== JSON.stringify(detailOf(after))) {
    return rules.update(before.uuid, after, { version: before.version, now });
  }
  await rules.move(before.uuid, after.position);
  return { ...before, position: after.position };
}

async function note(
  { audit }: Repositories,
  entry: {
    readonly actor: Actor;
    readonly action: string;
    readonly target: string;
    readonly detail: Readonly<Record<string, AuditDetail>>;
    readonly now: number;
  },
): Promise<void> {
  await audit.insert({ ...entry, targetKind: 'rule' });
}

type RuleDetail = Readonly<Record<string, AuditDetail>>;

/** What the rule says, for people: groups and clients by their slugs. */
async function toldOf(repositories: Repositories, rule: RuleContent): Promise<RuleDetail> {
  const [told] = await allTold(repositories, [rule]);
  return told ?? detailOf(rule);
}

async function allTold(
  { groups, clients }: Repositories,
  rules: readonly RuleContent[],
): Promise<readonly RuleDetail[]> {
  const slugs = new Map((await groups.list()).map(({ uuid, slug }) => [uuid, slug]));
  for (const end of rules.flatMap(({ subject, destination }) => [subject, destination])) {
    if (end.kind !== 'client' || slugs.has(end.id)) continue;
    const client = await clients.findByUuid(end.id);
    if (client !== null) slugs.set(end.id, client.slug);
  }
  const told = <End extends object>(end: End): End =>
    'id' in end && typeof end.id === 'string' ? { ...end, id: slugs.get(end.id) ?? end.id } : end;
  return rules.map((rule) =>
    detailOf({ ...rule, subject: told(rule.subject), destination: told(rule.destination) }),
  );
}

/** What the rule says; groups and clients by uuid, as they are stored. */
function detailOf(rule: RuleContent): RuleDetail {
  const { enabled, action, subject, destination, protocol, ports, note: text } = rule;
  return {
    enabled,
    action,
    subject: { ...subject },
    destination: { ...destination },
    protocol,
    ports: ports.map(([first, last]) => [first, last]),
    note: text,
  };
}

function uuidOf(place: RulePlace): string {
  return 'uuid' in place ? place.uuid : '';
}

function notFound(uuid: string): { readonly ok: false; readonly error: PolicyFailure } {
  return fail({ code: 'RULE_NOT_FOUND', message: `there is no rule ${uuid}` });
}

function tooMany(): { readonly ok: false; readonly error: PolicyFailure } {
  return fail({ code: 'RULE_LIMIT_REACHED', message: `there may be ${mostRules} rules` });
}
