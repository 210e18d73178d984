import { parseAddress } from '@masque-vpn/protocol';
import type { RuleContent } from '../store/rules.js';
import type { PolicyBook } from './book.js';
import type { Explainer } from './explain.js';
import type { FlowLog, LoggedFlow } from './flowLog.js';
import { judge, prepareRules, type FirstPacket } from './judge.js';

/** Flows that are judged at most, the latest first: more would keep the server from its work. */
const mostFlows = 5_000;

/** A sampled flow that another list of rules would judge differently. */
export interface ChangedFlow {
  readonly flow: LoggedFlow;
  /** Index in the rehearsed list of the rule that would decide; null: none. */
  readonly index: number | null;
}

/** What another list of rules would mean for the flows that were sampled lately. */
export interface Rehearsal {
  /** How many were judged. */
  readonly flows: number;
  /** Pass now and would not. */
  readonly cut: readonly ChangedFlow[];
  /** Do not pass now and would. */
  readonly opened: readonly ChangedFlow[];
}

export interface RehearserOptions {
  readonly book: PolicyBook;
  readonly flows: Pick<FlowLog, 'list'>;
  readonly explainer: Pick<Explainer, 'partyOf'>;
}

/** Tries a list of rules on recent flows, without anybody noticing. */
export class Rehearser {
  readonly #options: RehearserOptions;

  constructor(options: RehearserOptions) {
    this.#options = options;
  }

  /**
   * Both lists judge each flow, so that what a rule changed since the sample does not count as a difference.
   *
   * @param addressesOf what names of either list stand for
   */
  rehearse(rules: readonly RuleContent[], addressesOf: (name: string) => readonly string[]): Rehearsal {
    const { book, flows } = this.#options;
    const now = prepareRules(book.rules, book.forwards, addressesOf);
    const then = prepareRules(rules, book.forwards, addressesOf);
    const cut: ChangedFlow[] = [];
    const opened: ChangedFlow[] = [];
    const judged = flows.list({}).slice(0, mostFlows);
    for (const flow of judged) {
      const packet = this.#firstPacketOf(flow);
      if (packet === null) continue;
      const before = judge(packet, now);
      const after = judge(packet, then);
      if (before.passes === after.passes) continue;
      const index = after.kind === 'rule' ? rules.indexOf(after.rule) : null;
      (before.passes ? cut : opened).push({ flow, index });
    }
    return { flows: judged.length, cut, opened };
  }

  #firstPacketOf(flow: LoggedFlow): FirstPacket | null {
    const { explainer } = this.#options;
    const remote = parseAddress(flow.remoteAddress);
    if (!remote.ok) return null;
    const client = { kind: 'client' as const, party: explainer.partyOf(flow.clientUuid) };
    const other =
      flow.remoteClientUuid === null
        ? { kind: 'outside' as const, address: remote.value }
        : { kind: 'client' as const, party: explainer.partyOf(flow.remoteClientUuid) };
    const ends = flow.opened === 'byPeer' ? { from: client, to: other } : { from: other, to: client };
    return { ...ends, protocol: flow.protocol, port: flow.port };
  }
}
