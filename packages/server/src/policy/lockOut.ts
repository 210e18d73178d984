import { parsePrefix } from '@masque-vpn/protocol';
import type { RuleContent } from '../store/rules.js';
import type { PolicyBook } from './book.js';
import { isAbout, protocolsOf, type RuleParty } from './compile.js';
import { judge, prepareRules, type FlowEnd } from './judge.js';
import type { PolicyWarning } from './reasons.js';

/** Members of a group of this name are clients of administrators. */
export const administratorsGroupSlug = 'administrators';

/** An address of the internet, for rules that allow all of it. */
const anywhere = ['192.0.2.1/32', '2001:db8::1/128'];

export interface LockOutOptions {
  readonly book: PolicyBook;
  readonly addressesOf: (name: string) => readonly string[];
  readonly partyOf: (clientUuid: string) => RuleParty;
  /** Clients that administrators enrolled by themselves. */
  readonly administratorsClients: () => Promise<ReadonlySet<string>>;
}

/** Finds out whether administrators can still reach anything through their own clients. */
export class LockOut {
  readonly #options: LockOutOptions;

  constructor(options: LockOutOptions) {
    this.#options = options;
  }

  /**
   * Warns when rules allow nothing to any client of an administrator: those that administrators enrolled themselves,
   * the members of the group `administrators`, and the one that this very request came through.
   *
   * @param requestClientUuid null: the request came by another way
   */
  async warnings(
    rules: readonly RuleContent[],
    requestClientUuid: string | null,
  ): Promise<readonly PolicyWarning[]> {
    const { book, partyOf, administratorsClients } = this.#options;
    const group = book.findGroup(administratorsGroupSlug);
    const clients = new Set([
      ...(await administratorsClients()),
      ...(group === null ? [] : book.membersOf(group.uuid)),
      ...(requestClientUuid === null ? [] : [requestClientUuid]),
    ]);
    if (clients.size === 0) return [];
    if ([...clients].some((uuid) => this.#mayAnything(partyOf(uuid), rules))) return [];
    return [
      {
        code: 'ADMINISTRATORS_LOCKED_OUT',
        message:
          clients.size === 1
            ? 'the client of the administrator is allowed nothing by these rules'
            : `none of the ${clients.size} clients of administrators is allowed anything by these rules`,
      },
    ];
  }

  /** Whether a packet that some rule means to allow passes all rules before it. */
  #mayAnything(party: RuleParty, rules: readonly RuleContent[]): boolean {
    const judged = prepareRules(rules, [], this.#options.addressesOf);
    const from: FlowEnd = { kind: 'client', party };
    return rules
      .filter((rule) => rule.enabled && rule.action === 'allow' && isAbout(rule.subject, party))
      .some((rule) =>
        this.#examplesOf(rule).some((to) => {
          const [protocol = 0] = protocolsOf(rule.protocol);
          const [port] = rule.ports[0] ?? [protocol === 6 || protocol === 0 ? 443 : null];
          return judge({ from, to, protocol: protocol === 0 ? 6 : protocol, port }, judged).passes;
        }),
      );
  }

  #examplesOf({ destination }: RuleContent): readonly FlowEnd[] {
    const { book, addressesOf, partyOf } = this.#options;
    switch (destination.kind) {
      case 'any':
        return outside(anywhere);
      case 'prefixes':
        return outside(destination.prefixes);
      case 'name':
        return outside(addressesOf(destination.name));
      case 'client':
        return [{ kind: 'client', party: partyOf(destination.id) }];
      case 'group':
        return [...book.membersOf(destination.id)].map((uuid) => ({ kind: 'client', party: partyOf(uuid) }));
    }
  }
}

function outside(prefixes: readonly string[]): readonly FlowEnd[] {
  return prefixes.flatMap((text): FlowEnd[] => {
    const prefix = parsePrefix(text);
    return prefix.ok ? [{ kind: 'outside', address: prefix.value.address }] : [];
  });
}
