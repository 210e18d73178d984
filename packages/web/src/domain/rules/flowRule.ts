import type { Model } from '../../api/client.js';
import { formatPrefix, hostPrefix, parseAddress } from '../address.js';
import type { ProposedRule } from './ruleAddress.js';
import type { Protocol, RuleDestination, RuleSubject } from './rule.js';

export type Flow = Model<'Flow'>;

/** What of a flow matters to a rule that allows it. */
export type RefusedFlow = Pick<
  Flow,
  'clientId' | 'direction' | 'remoteAddress' | 'remoteClientId' | 'protocol' | 'port' | 'ruleId'
>;

/**
 * The rule that lets a refused flow pass and nothing else: this client, this other end, this port. It has to stand
 * before the rule that refuses it; where none does, the end of the list will do.
 */
export function ruleAllowing(flow: RefusedFlow): ProposedRule {
  const client = { kind: 'client' as const, id: flow.clientId };
  const remote = remoteEnd(flow);
  const ends: { subject: RuleSubject; destination: RuleDestination } =
    flow.direction === 'fromClient'
      ? { subject: client, destination: remote }
      : { subject: remote, destination: client };
  const protocol = ruleProtocol(flow.protocol);
  const hasPort = (protocol === 'tcp' || protocol === 'udp') && flow.port !== null && flow.port > 0;
  return {
    content: {
      ...{ enabled: true, action: 'allow', note: null },
      ...ends,
      protocol,
      ports: hasPort && flow.port !== null ? [[flow.port, flow.port]] : [],
    },
    before: flow.ruleId,
  };
}

/** A client is meant by name: its address may be another tomorrow. */
function remoteEnd({
  remoteAddress,
  remoteClientId,
}: RefusedFlow): Extract<RuleSubject, { kind: 'client' | 'prefixes' }> {
  if (remoteClientId !== null) return { kind: 'client', id: remoteClientId };
  const address = parseAddress(remoteAddress);
  const prefix = address === null ? remoteAddress : formatPrefix(hostPrefix(address));
  return { kind: 'prefixes', prefixes: [prefix] };
}

/** ICMP of IPv6 has a number of its own, and rules know both as one. */
function ruleProtocol(protocol: Protocol): Protocol {
  return protocol === 58 ? 'icmp' : protocol;
}
