import { describe, expect, test } from 'vitest';
import { ruleAllowing, type RefusedFlow } from './flowRule.js';
import type { RuleContent } from './rule.js';
import { proposalQuery, readProposal } from './ruleAddress.js';
import { sentenceKindOf, serviceOf } from './sentence.js';

const content: RuleContent = {
  ...{ enabled: true, action: 'allow', note: 'the intranet, “a&b”' },
  subject: { kind: 'group', id: 'sales' },
  destination: { kind: 'prefixes', prefixes: ['10.0.0.0/8', '2001:db8::/32'] },
  protocol: 'tcp',
  ports: [
    [443, 443],
    [8_000, 8_999],
  ],
};
const before = '01890a5d-ac96-774b-bcce-b302099a8057';

describe('what a rule does', () => {
  test('is said with its service, where it has one', () => {
    expect([sentenceKindOf(content), serviceOf(content)]).toEqual(['allowService', 'TCP 443, 8000–8999']);
    const all: RuleContent = { ...content, action: 'deny', protocol: 'any', ports: [] };
    expect([sentenceKindOf(all), serviceOf(all)]).toEqual(['deny', null]);
    const nobody: RuleContent = { ...all, subject: { kind: 'everyone' } };
    expect(sentenceKindOf(nobody)).toBe('denyEveryone');
    expect(sentenceKindOf({ ...nobody, action: 'allow' })).toBe('allow');
  });

  test.each<[RuleContent['protocol'], string]>([
    ['icmp', 'ICMP'],
    ['udp', 'UDP'],
    [47, 'GRE'],
    [58, 'ICMPv6'],
    [253, 'IP 253'],
  ])('protocol %s is %s', (protocol, name) => {
    expect(serviceOf({ protocol, ports: [] })).toBe(name);
  });
});

describe('a proposed rule', () => {
  test.each<[string, Partial<RuleContent>]>([
    ['as it is', {}],
    ['everybody to everything', { subject: { kind: 'everyone' }, destination: { kind: 'any' } }],
    [
      'a client to a name',
      { subject: { kind: 'client', id: 'a-1' }, destination: { kind: 'name', name: 'x.org' } },
    ],
    [
      'hosts to a client',
      {
        subject: { kind: 'prefixes', prefixes: ['192.0.2.0/24'] },
        destination: { kind: 'client', id: 'nas' },
      },
    ],
    ['any protocol', { protocol: 'any', ports: [] }],
    ['a number', { protocol: 47, ports: [] }],
    ['a refusal without a note', { action: 'deny', note: null }],
  ])('comes out of a link as it went in: %s', (_, change) => {
    const proposal = { content: { ...content, ...change }, before };
    expect(readProposal(proposalQuery(proposal) as Record<string, string>)).toEqual(proposal);
  });

  test('is none without a word of it', () => {
    expect(readProposal({ q: 'x' })).toBeNull();
  });

  test('what makes no sense is as in an empty form', () => {
    const query = {
      ...{ new: 'maybe', from: 'group:UPPER', to: 'prefixes:10.0.0.1/8', protocol: '999' },
      ...{ ports: '443', note: '', before: 'x' },
    };
    expect(readProposal(query)).toEqual({
      content: {
        ...{ enabled: true, action: 'allow', subject: { kind: 'everyone' }, destination: { kind: 'any' } },
        ...{ protocol: 'any', ports: [], note: null },
      },
      before: null,
    });
  });
});

describe('the rule that allows a refused flow', () => {
  const flow: RefusedFlow = {
    ...{ clientId: 'alice', direction: 'fromClient', remoteAddress: '10.0.0.5', remoteClientId: null },
    ...{ protocol: 'tcp', port: 443, ruleId: before },
  };

  test('allows this client this port of this host, before the rule that refuses', () => {
    const { content: made, before: place } = ruleAllowing(flow);
    expect(made).toMatchObject({
      ...{ enabled: true, action: 'allow', subject: { kind: 'client', id: 'alice' } },
      ...{
        destination: { kind: 'prefixes', prefixes: ['10.0.0.5/32'] },
        protocol: 'tcp',
        ports: [[443, 443]],
      },
    });
    expect(place).toBe(before);
  });

  test('names the other client, not the address that it has today', () => {
    const { content: made } = ruleAllowing({ ...flow, remoteClientId: 'nas', ruleId: null });
    expect(made.destination).toEqual({ kind: 'client', id: 'nas' });
  });

  test('of a flow from outside is about the host outside', () => {
    const { content: made } = ruleAllowing({ ...flow, direction: 'toClient', remoteAddress: '2001:db8::1' });
    expect(made.subject).toEqual({ kind: 'prefixes', prefixes: ['2001:db8::1/128'] });
    expect(made.destination).toEqual({ kind: 'client', id: 'alice' });
  });

  test.each<[RefusedFlow['protocol'], number | null, RuleContent['protocol']]>([
    ['icmp', null, 'icmp'],
    [58, null, 'icmp'],
    [47, null, 47],
    ['udp', null, 'udp'],
  ])('of protocol %s with port %s has no ports', (protocol, port, expected) => {
    expect(ruleAllowing({ ...flow, protocol, port }).content).toMatchObject({
      protocol: expected,
      ports: [],
    });
  });
});
