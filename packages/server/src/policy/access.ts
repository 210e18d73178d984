import type { Access, AccessRule } from '@masque-vpn/engine';
import { exactly, parsePrefix, prefixRange, type DnsConfiguration, type Route } from '@masque-vpn/protocol';
import type { ClientLimits } from '../store/clients.js';
import type { GroupRecord } from '../store/groups.js';
import type { PolicyBook } from './book.js';
import { compileRules, type RuleParty } from './compile.js';
import { dnsConfigurations } from './dns.js';
import { everyoneLabel, type Labels } from './labels.js';
import { effectiveLimits, type EffectiveLimits } from './limits.js';
import type { MeterKey, Meters } from './meters.js';
import type { RuleNames } from './names.js';
import type { RuleSetHold, RuleSets } from './ruleSets.js';

export interface AccessControlOptions {
  readonly book: PolicyBook;
  /** What an administrator set for a client; null for one that is gone. */
  readonly limitsOf: (clientUuid: string) => ClientLimits | null;
  readonly labels: Labels;
  readonly names: Pick<RuleNames, 'addressesOf'>;
  readonly ruleSets: RuleSets;
  readonly meters: Meters;
  /** What is advertised to clients for whom nobody set anything else. */
  readonly serverRoutes: readonly Route[];
}

/** What one session has of rules and rates in the engine; given back when it ends. */
export interface AccessHold {
  readonly clientUuid: string;
  /** As the engine takes it. */
  readonly access: Access;
  readonly ruleSet: RuleSetHold;
  readonly meters: readonly MeterKey[];
}

interface Rate {
  readonly key: MeterKey;
  readonly direction: 'fromPeer' | 'toPeer';
  readonly bytesPerSecond: number;
}

/** What is compiled once for many sessions that follow the same change. */
export interface SharedWork {
  readonly named: ReadonlySet<string>;
  /** By client, or by groups. */
  readonly compiled: Map<string | readonly GroupRecord[], readonly AccessRule[]>;
}

/** By what the traffic of sessions is judged: compiled rules, labels, rates. */
export class AccessControl {
  readonly #options: AccessControlOptions;
  readonly #parsedRoutes = new WeakMap<readonly string[], readonly Route[]>();

  constructor(options: AccessControlOptions) {
    this.#options = options;
  }

  /** What holds for a client after inheritance. */
  limitsOf(clientUuid: string): EffectiveLimits {
    const { book, limitsOf } = this.#options;
    return effectiveLimits(limitsOf(clientUuid) ?? nothingSet, book.groupsOf(clientUuid));
  }

  /** What is advertised to a client; the same array as long as it is the same. */
  routesOf(clientUuid: string): readonly Route[] {
    const { routes } = this.limitsOf(clientUuid);
    if (routes === null) return this.#options.serverRoutes;
    const known = this.#parsedRoutes.get(routes);
    if (known !== undefined) return known;
    const parsed = routes.flatMap((text): Route[] => {
      const prefix = parsePrefix(text);
      return prefix.ok ? [{ range: prefixRange(prefix.value), protocol: 0 }] : [];
    });
    this.#parsedRoutes.set(routes, parsed);
    return parsed;
  }

  /** What a client is told about DNS. */
  dnsOf(clientUuid: string): readonly DnsConfiguration[] {
    return dnsConfigurations(this.limitsOf(clientUuid).dns);
  }

  /** A client's rules as its sessions are judged by them, in order. */
  rulesOf(clientUuid: string): readonly AccessRule[] {
    return this.#compile(clientUuid);
  }

  /** What a new session of the client is judged by. */
  take(clientUuid: string): AccessHold {
    return this.#hold(clientUuid, this.#options.ruleSets.take(this.#compile(clientUuid)));
  }

  release({ ruleSet, meters }: AccessHold): void {
    this.#options.ruleSets.release(ruleSet);
    for (const key of meters) this.#options.meters.release(key);
  }

  /**
   * Begins to bring all holds to what the policy says now: what all users of a rule set leave together has changed when
   * it returns, the rest changes hold by hold with `follow`, until the policy is another.
   */
  beginFollowing(holds: readonly AccessHold[]): SharedWork {
    const shared: SharedWork = { named: this.#named(), compiled: new Map() };
    const holders = holds.map(({ ruleSet, clientUuid }) => ({
      hold: ruleSet,
      rules: this.#compileOnce(clientUuid, shared),
    }));
    this.#options.ruleSets.changeTogether(holders);
    return shared;
  }

  /**
   * Brings one hold to what the policy says now. `tell` replaces it when its access is another: the old one is released
   * after that. Content that changed in place needs no telling.
   */
  follow(before: AccessHold, shared: SharedWork, tell: (hold: AccessHold) => void): void {
    const { ruleSets, meters } = this.#options;
    const { clientUuid } = before;
    const rules = this.#compileOnce(clientUuid, shared);
    const ruleSet = ruleSets.move({ hold: before.ruleSet, rules });
    const after = this.#hold(clientUuid, ruleSet);
    if (isSameAccess(before.access, after.access)) {
      for (const key of after.meters) meters.release(key);
      return;
    }
    tell(after);
    if (ruleSet !== before.ruleSet) ruleSets.release(before.ruleSet);
    for (const key of before.meters) meters.release(key);
  }

  #hold(clientUuid: string, ruleSet: RuleSetHold): AccessHold {
    const { meters } = this.#options;
    const rates = this.#ratesOf(clientUuid);
    const taken = rates.map((rate) => ({ ...rate, id: meters.take(rate.key, rate.bytesPerSecond) }));
    const idsOf = (direction: Rate['direction']): number[] =>
      taken.filter((rate) => rate.direction === direction).map(({ id }) => id);
    return {
      clientUuid,
      ruleSet,
      meters: rates.map(({ key }) => key),
      access: {
        rules: ruleSet.id,
        labels: this.#labelsOf(clientUuid),
        meters: { fromPeer: idsOf('fromPeer'), toPeer: idsOf('toPeer') },
      },
    };
  }

  /** Clients of the same groups that no rule names share the work. */
  #compileOnce(clientUuid: string, shared: SharedWork): readonly AccessRule[] {
    const key = shared.named.has(clientUuid) ? clientUuid : this.#options.book.groupsOf(clientUuid);
    const known = shared.compiled.get(key);
    if (known !== undefined) return known;
    const rules = this.#compile(clientUuid);
    shared.compiled.set(key, rules);
    return rules;
  }

  /** Clients that some rule or port forward is about. */
  #named(): ReadonlySet<string> {
    const { book } = this.#options;
    const ends = book.rules.flatMap(({ subject, destination }) => [subject, destination]);
    return new Set([
      ...book.forwards.map((forward) => forward.clientUuid),
      ...ends.flatMap((end) => (end.kind === 'client' ? [end.id] : [])),
    ]);
  }

  #compile(clientUuid: string): readonly AccessRule[] {
    const { book, labels, names } = this.#options;
    const party: RuleParty = { clientUuid, groups: new Set(this.#groupUuids(clientUuid)) };
    const addressesOf = (name: string): readonly string[] => names.addressesOf(name);
    return compileRules(party, { rules: book.rules, forwards: book.forwards, labels, addressesOf });
  }

  #labelsOf(clientUuid: string): readonly number[] {
    const { labels } = this.#options;
    const uuids = [...this.#groupUuids(clientUuid), clientUuid];
    return exactly([everyoneLabel, ...uuids.map((uuid) => labels.of(uuid))]);
  }

  #groupUuids(clientUuid: string): readonly string[] {
    return this.#options.book.groupsOf(clientUuid).map(({ uuid }) => uuid);
  }

  #ratesOf(clientUuid: string): readonly Rate[] {
    const { rateUp, rateDown } = this.limitsOf(clientUuid);
    const own = rates(`client/${clientUuid}`, rateUp, rateDown);
    const shared = this.#options.book
      .groupsOf(clientUuid)
      .flatMap(({ uuid, sharedRateUp, sharedRateDown }) =>
        rates(`group/${uuid}`, sharedRateUp, sharedRateDown),
      );
    return [...own, ...shared];
  }
}

function rates(
  whose: `${'client' | 'group'}/${string}`,
  up: number | null,
  down: number | null,
): readonly Rate[] {
  return [
    ...(up === null
      ? []
      : [{ key: `${whose}/up` as const, direction: 'fromPeer' as const, bytesPerSecond: up }]),
    ...(down === null
      ? []
      : [{ key: `${whose}/down` as const, direction: 'toPeer' as const, bytesPerSecond: down }]),
  ];
}

function isSameAccess(a: Access, b: Access): boolean {
  return (
    a.rules === b.rules &&
    isSameList(a.labels, b.labels) &&
    isSameList(a.meters.fromPeer, b.meters.fromPeer) &&
    isSameList(a.meters.toPeer, b.meters.toPeer)
  );
}

function isSameList(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

const nothingSet: ClientLimits = {
  rateUp: null,
  rateDown: null,
  monthlyQuota: null,
  maxSessions: null,
  fixedIpv4: null,
  fixedIpv6: null,
  routes: null,
  dns: null,
};
