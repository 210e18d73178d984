import { parsePrefix, prefixContains, type IpAddress, type Prefix } from '@masque-vpn/protocol';
import type { AccessRule, EngineResult, FlowOpener, MeterOptions, RuleSet } from '../engine.js';
import { failed } from './failure.js';
import type { FlowKey } from './packet.js';

/** The other side of a flow: a host, another session, or an address that only sessions may have. */
export type Remote =
  | { readonly kind: 'outside'; readonly address: IpAddress }
  | { readonly kind: 'session'; readonly labels: readonly number[] }
  | { readonly kind: 'nobody' };

/** What the rules say, and which of them; null if none matched. */
export interface Verdict {
  readonly allowed: boolean;
  readonly ruleId: number | null;
}

export const noRule: Verdict = { allowed: false, ruleId: null };

/** Protocols whose header begins with two ports. */
export const portProtocols: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);

/** Rules that can be asked. */
export class CompiledRules {
  readonly #rules: readonly { readonly rule: AccessRule; readonly prefixes: readonly Prefix[] }[];

  private constructor(rules: readonly { readonly rule: AccessRule; readonly prefixes: readonly Prefix[] }[]) {
    this.#rules = rules;
  }

  /** Fails with ENGINE_INVALID_ARGUMENT. */
  static compile({ rules }: RuleSet): EngineResult<CompiledRules> {
    const compiled = [];
    for (const rule of rules) {
      const prefixes: Prefix[] = [];
      for (const text of rule.remote.kind === 'prefixes' ? rule.remote.prefixes : []) {
        const prefix = parsePrefix(text);
        if (!prefix.ok) return failed('ENGINE_INVALID_ARGUMENT', prefix.error.message);
        prefixes.push(prefix.value);
      }
      const numbers = [rule.id, ...(rule.remote.kind === 'labels' ? rule.remote.labels : [])];
      const ranges = [[rule.protocol, 255], ...rule.ports, ...rule.ports.map(([, last]) => [last, 65_535])];
      if (!numbers.every(isId) || !ranges.every(isRange))
        return failed('ENGINE_INVALID_ARGUMENT', `rule ${rule.id} has a number that makes no sense`);
      compiled.push({ rule, prefixes });
    }
    return { ok: true, value: new CompiledRules(compiled) };
  }

  /** The first rule that matches decides. */
  judge(opened: FlowOpener, remote: Remote, key: FlowKey): Verdict {
    const port = opened === 'byPeer' ? key.remotePort : key.localPort;
    const found = this.#rules.find(
      ({ rule, prefixes }) =>
        rule.opened === opened &&
        matchesRemote(rule, prefixes, remote) &&
        (rule.protocol === 0 || rule.protocol === key.protocol) &&
        (rule.ports.length === 0 ||
          (portProtocols.has(key.protocol) &&
            rule.ports.some(([first, last]) => first <= port && port <= last))),
    );
    return found === undefined ? noRule : { allowed: found.rule.action === 'allow', ruleId: found.rule.id };
  }
}

/** A token bucket of bytes. */
export class Meter {
  #options: MeterOptions;
  #bytes: number;
  #refilledMs: number;

  constructor(options: MeterOptions, nowMs: number) {
    this.#options = options;
    this.#bytes = options.burstBytes;
    this.#refilledMs = nowMs;
  }

  change(options: MeterOptions, nowMs: number): void {
    this.has(0, nowMs);
    this.#options = options;
    this.#bytes = Math.min(this.#bytes, options.burstBytes);
  }

  has(bytes: number, nowMs: number): boolean {
    const { bytesPerSecond, burstBytes } = this.#options;
    const refill = ((nowMs - this.#refilledMs) * bytesPerSecond) / 1000;
    this.#bytes = Math.min(this.#bytes + refill, burstBytes);
    this.#refilledMs = nowMs;
    return this.#bytes >= bytes;
  }

  take(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** Whether a number can name a rule, a rule set, a label or a meter. */
export function isId(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** 32;
}

function isRange([first = Number.NaN, last = Number.NaN]: readonly number[]): boolean {
  return Number.isInteger(first) && Number.isInteger(last) && first >= 0 && first <= last;
}

function matchesRemote(rule: AccessRule, prefixes: readonly Prefix[], remote: Remote): boolean {
  if (remote.kind === 'nobody') return false;
  if (remote.kind === 'session')
    return rule.remote.kind === 'labels' && rule.remote.labels.some((label) => remote.labels.includes(label));
  return rule.remote.kind === 'any' || prefixes.some((prefix) => prefixContains(prefix, remote.address));
}
