import { formatAddress, ok, parseAddress, parsePrefix, type Result } from '@masque-vpn/protocol';
import type { Actor, By } from '../audit/actor.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { PolicyBook } from '../policy/book.js';
import type { Explainer, PacketEnd } from '../policy/explain.js';
import { clientMissing, type PolicyFailure } from '../policy/failure.js';
import type { LockOut } from '../policy/lockOut.js';
import type { RuleNames } from '../policy/names.js';
import type { PolicyWarning } from '../policy/reasons.js';
import type { Rehearser } from '../policy/rehearsal.js';
import { contentOf, type RuleDraft, type Slugs } from '../policy/ruleDraft.js';
import type { RulePlace } from '../policy/ruleOrder.js';
import type { Rules } from '../policy/rules.js';
import type { RuleContent, RuleDestination, RuleRecord, RuleSubject } from '../store/rules.js';
import type { FlowModels } from './flowModels.js';
import type { RehearsalModel } from './models/flow.js';
import { protocolModel, protocolNumber } from './models/network.js';
import type {
  ChangedRuleListModel,
  ChangedRuleModel,
  EndpointModel,
  ExplanationModel,
  NewRuleModel,
  PacketModel,
  RuleChangeModel,
  RuleContentModel,
  RuleDestinationModel,
  RuleListChangeModel,
  RuleListModel,
  RuleModel,
  RuleSubjectModel,
} from './models/rule.js';

export interface RuleAdministrationOptions {
  readonly rules: Rules;
  readonly book: PolicyBook;
  readonly names: Pick<RuleNames, 'addressesOf' | 'lookUp' | 'problems'>;
  readonly directory: Pick<ClientDirectory, 'findByUuid' | 'findBySlug'>;
  readonly slugs: Slugs;
  readonly explainer: Explainer;
  readonly rehearser: Rehearser;
  readonly lockOut: LockOut;
  readonly flowModels: FlowModels;
  /** The client through whose tunnel a request came; null: another way. */
  readonly clientAt: (remoteAddress: string) => string | null;
}

/** Rules as the API shows and changes them. What changes them throws `StoreError` when the store is lost. */
export class RuleAdministration {
  readonly #options: RuleAdministrationOptions;

  constructor(options: RuleAdministrationOptions) {
    this.#options = options;
  }

  list(): RuleListModel {
    const { book } = this.#options;
    return { items: this.#models(book.rules), nextCursor: null, version: book.listVersion };
  }

  /** Code: RULE_NOT_FOUND. */
  find(id: string): Result<RuleModel, PolicyFailure> {
    const { rules } = this.#options.book;
    const index = rules.findIndex(({ uuid }) => uuid === id);
    const rule = rules[index];
    if (rule !== undefined) return ok(this.#model(rule, index));
    return { ok: false, error: { code: 'RULE_NOT_FOUND', message: `there is no rule ${id}` } };
  }

  /** Codes: see `Rules.create`. */
  async create(body: NewRuleModel, actor: Actor): Promise<Result<ChangedRuleModel, PolicyFailure>> {
    const created = await this.#options.rules.create(draftOf(body), placeOf(body) ?? { kind: 'end' }, actor);
    return created.ok ? ok(await this.#changed(created.value, actor)) : created;
  }

  /** Codes: see `Rules.change`. */
  async change(id: string, body: RuleChangeModel, by: By): Promise<Result<ChangedRuleModel, PolicyFailure>> {
    const change = { draft: partOf(body), place: placeOf(body) };
    const changed = await this.#options.rules.change(id, change, by);
    return changed.ok ? ok(await this.#changed(changed.value, by.actor)) : changed;
  }

  /** Codes: see `Rules.remove`. */
  remove(id: string, by: By): Promise<Result<void, PolicyFailure>> {
    return this.#options.rules.remove(id, by);
  }

  /** Codes: see `Rules.replace`. */
  async replace(body: RuleListChangeModel, by: By): Promise<Result<ChangedRuleListModel, PolicyFailure>> {
    const list = body.items.map(({ id, ...item }) => ({ ...draftOf(item), uuid: id ?? null }));
    const replaced = await this.#options.rules.replace(list, by);
    if (!replaced.ok) return replaced;
    return ok({ ...this.list(), warnings: [...(await this.#warnings(replaced.value, by.actor))] });
  }

  /** Codes: CLIENT_NOT_FOUND. */
  async check(body: PacketModel): Promise<Result<ExplanationModel, PolicyFailure>> {
    const from = this.#endOf(body.from);
    if (!from.ok) return from;
    if ('name' in body.to) return ok(await this.#checkName(from.value, body.to.name, body));
    const to = this.#endOf(body.to);
    return to.ok ? ok(this.#explain(from.value, to.value, body)) : to;
  }

  /** It passes when it does whichever of the name's addresses is taken. */
  async #checkName(from: PacketEnd, name: string, body: PacketModel): Promise<ExplanationModel> {
    const addressesOf = await this.#options.names.lookUp([name]);
    const judged = addressesOf(name).flatMap((prefix) => {
      const parsed = parsePrefix(prefix);
      if (!parsed.ok) return [];
      const { address } = parsed.value;
      return {
        ...this.#explain(from, { kind: 'address', address }, body),
        toAddress: formatAddress(address),
      };
    });
    const unresolved: ExplanationModel = {
      ...{ passes: false, rule: null, portForwardId: null, toClientId: null, toAddress: null },
      ...{ reason: 'DESTINATION_UNRESOLVED', message: sentences.DESTINATION_UNRESOLVED },
      fromClientId: from.kind === 'client' ? this.#slugOf(from.clientUuid) : null,
    };
    return judged.find(({ passes }) => !passes) ?? judged[0] ?? unresolved;
  }

  #explain(from: PacketEnd, to: PacketEnd, body: PacketModel): ExplanationModel {
    const protocol = protocolNumber(body.protocol);
    const port = protocol === 6 || protocol === 17 ? body.port : null;
    const explained = this.#options.explainer.explain({ from, to, protocol, port });
    const { rule, forward, reason, passes } = explained;
    const index = rule === null ? -1 : this.#options.book.rules.indexOf(rule);
    return {
      passes,
      reason,
      message: sentence(explained.reason, index),
      rule: rule === null ? null : this.#model(rule, index),
      portForwardId: forward?.uuid ?? null,
      fromClientId: this.#slugOf(explained.fromClientUuid),
      toClientId: this.#slugOf(explained.toClientUuid),
      toAddress: null,
    };
  }

  /** Tries a whole list on recent flows. Codes: those of `contentOf`. */
  async rehearse(body: RuleListChangeModel, actor: Actor): Promise<Result<RehearsalModel, PolicyFailure>> {
    const { rehearser, flowModels, names, slugs } = this.#options;
    const rules: RuleContent[] = [];
    for (const item of body.items) {
      const content = contentOf(draftOf(item), slugs);
      if (!content.ok) return content;
      rules.push(content.value);
    }
    const addressesOf = await names.lookUp(
      rules.flatMap(({ destination }) => (destination.kind === 'name' ? [destination.name] : [])),
    );
    const { flows, cut, opened } = rehearser.rehearse(rules, addressesOf);
    const modelOf = ({ flow, index }: (typeof cut)[number]): RehearsalModel['cut'][number] => ({
      flow: flowModels.model(flow),
      position: index === null ? null : index + 1,
    });
    const warnings = [...(await this.#warnings(rules, actor))];
    return ok({ flows, cut: cut.map(modelOf), opened: opened.map(modelOf), warnings });
  }

  async #changed(rule: RuleRecord, actor: Actor): Promise<ChangedRuleModel> {
    const { rules } = this.#options.book;
    const index = rules.findIndex(({ uuid }) => uuid === rule.uuid);
    return { ...this.#model(rule, index), warnings: [...(await this.#warnings(rules, actor))] };
  }

  async #warnings(rules: readonly RuleContent[], actor: Actor): Promise<readonly PolicyWarning[]> {
    const { lockOut, names, clientAt } = this.#options;
    const through = actor.remoteAddress === null ? null : clientAt(actor.remoteAddress);
    const used = new Set(
      rules.flatMap(({ enabled, destination }) =>
        enabled && destination.kind === 'name' ? [destination.name] : [],
      ),
    );
    const unresolved = names.problems.filter(({ name }) => used.has(name));
    return [
      ...(await lockOut.warnings(rules, through)),
      ...unresolved.map(({ name, lastAnswer }) => ({
        code: 'RULE_NAME_UNRESOLVED' as const,
        message: `${name} does not resolve now; its rules match ${lastAnswer ? 'its last answer' : 'nothing'}`,
      })),
    ];
  }

  #models(rules: readonly RuleRecord[]): RuleModel[] {
    return rules.map((rule, index) => this.#model(rule, index));
  }

  #model(rule: RuleRecord, index: number): RuleModel {
    const { destination } = rule;
    return {
      id: rule.uuid,
      number: rule.number,
      position: Math.max(index, 0) + 1,
      ...this.#contentModel(rule),
      addresses: destination.kind === 'name' ? [...this.#options.names.addressesOf(destination.name)] : null,
      createdAtMs: rule.createdAt,
      updatedAtMs: rule.updatedAt,
      version: rule.version,
    };
  }

  #contentModel(rule: RuleRecord): RuleContentModel {
    return {
      enabled: rule.enabled,
      action: rule.action,
      subject: this.#endModel(rule.subject),
      destination: this.#endModel(rule.destination),
      protocol: protocolModel(rule.protocol),
      ports: rule.ports.map(([first, last]) => [first, last]),
      note: rule.note,
    };
  }

  #endModel(end: RuleSubject): RuleSubjectModel;
  #endModel(end: RuleDestination): RuleDestinationModel;
  #endModel(end: RuleSubject | RuleDestination): RuleSubjectModel | RuleDestinationModel {
    switch (end.kind) {
      case 'group':
        return { kind: 'group', id: this.#options.book.group(end.id)?.slug ?? 'deleted' };
      case 'client':
        return { kind: 'client', id: this.#slugOf(end.id) ?? 'deleted' };
      case 'prefixes':
        return { kind: 'prefixes', prefixes: [...end.prefixes] };
      default:
        return end;
    }
  }

  #endOf(end: EndpointModel): Result<PacketEnd, PolicyFailure> {
    if ('client' in end) {
      const client = this.#options.directory.findBySlug(end.client);
      return client === null ? clientMissing(end.client) : ok({ kind: 'client', clientUuid: client.uuid });
    }
    const address = parseAddress(end.address);
    // The model has parsed it.
    return address.ok ? ok({ kind: 'address', address: address.value }) : clientMissing(end.address);
  }

  #slugOf(clientUuid: string | null): string | null {
    return clientUuid === null ? null : (this.#options.directory.findByUuid(clientUuid)?.slug ?? null);
  }
}

const sentences = {
  RULE_ALLOWS: 'it passes by the rule',
  RULE_DENIES: 'the rule denies it',
  PORT_FORWARD_ALLOWS: 'it passes by a port forward',
  NO_RULE: 'no rule matches, and what no rule allows is refused',
  DESTINATION_UNRESOLVED: 'the name stands for no address now',
  ADDRESS_OF_NOBODY: 'one of the addresses lies in a pool and nobody has it now',
  ADDRESS_NOT_FORWARDED: 'one of the addresses is never forwarded',
  DESTINATION_NOT_ADVERTISED: 'the destination is not advertised to the client',
  HOST_ACCESS_OFF: 'the rule allows it, but clients may not reach the server itself',
  NOT_IN_TUNNEL: 'neither end is a client, or both are at the same one',
} as const;

function sentence(reason: keyof typeof sentences, index: number): string {
  return index < 0 ? sentences[reason] : `${sentences[reason]} at position ${index + 1}`;
}

type Content = Omit<RuleDraft, 'protocol'> & { readonly protocol: RuleContentModel['protocol'] };

function draftOf({ enabled, action, subject, destination, protocol, ports, note }: Content): RuleDraft {
  return { enabled, action, subject, destination, protocol: protocolNumber(protocol), ports, note };
}

/** What the body names, and nothing else. */
function partOf(body: RuleChangeModel): Partial<RuleDraft> {
  const { enabled, action, subject, destination, protocol, ports, note } = body;
  return {
    ...(enabled === undefined ? {} : { enabled }),
    ...(action === undefined ? {} : { action }),
    ...(subject === undefined ? {} : { subject }),
    ...(destination === undefined ? {} : { destination }),
    ...(protocol === undefined ? {} : { protocol: protocolNumber(protocol) }),
    ...(ports === undefined ? {} : { ports }),
    ...(note === undefined ? {} : { note }),
  };
}

function placeOf(body: Pick<RuleChangeModel, 'position' | 'before' | 'after'>): RulePlace | null {
  if (body.position !== undefined) return { kind: 'position', position: body.position };
  if (body.before !== undefined) return { kind: 'before', uuid: body.before };
  return body.after === undefined ? null : { kind: 'after', uuid: body.after };
}
