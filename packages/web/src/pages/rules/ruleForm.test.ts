import { expect, test } from 'vitest';
import type { RuleContent } from '../../domain/rules/rule.js';
import { emptyRule, formOf, readForm, type RuleField, type RuleForm, type RuleMistake } from './ruleForm.js';

test.each<[string, Partial<RuleContent>]>([
  ['an empty rule', {}],
  ['groups', { subject: { kind: 'group', id: 'a' }, destination: { kind: 'group', id: 'b' } }],
  ['clients', { subject: { kind: 'client', id: 'a' }, destination: { kind: 'client', id: 'b' } }],
  ['prefixes', { destination: { kind: 'prefixes', prefixes: ['10.0.0.0/8', '2001:db8::/32'] } }],
  [
    'hosts outside',
    { subject: { kind: 'prefixes', prefixes: ['10.0.0.0/8'] }, destination: { kind: 'client', id: 'b' } },
  ],
  ['a name', { destination: { kind: 'name', name: 'x.example' } }],
  [
    'ports',
    {
      protocol: 'tcp',
      ports: [
        [80, 80],
        [443, 450],
      ],
    },
  ],
  ['a number', { protocol: 47 }],
  ['all else', { enabled: false, action: 'deny', note: 'why' }],
])('a rule comes out of the form as it went in: %s', (_, change) => {
  const content = { ...emptyRule, ...change };
  expect(readForm(formOf(content))).toEqual({ ok: true, content });
});

test.each<[string, Partial<RuleForm>, RuleField, RuleMistake]>([
  ['no group', { subjectKind: 'group' }, 'subjectGroup', { code: 'missing' }],
  [
    'no client',
    { destinationKind: 'client', destinationClient: ' ' },
    'destinationClient',
    { code: 'missing' },
  ],
  ['no prefix', { destinationKind: 'prefixes' }, 'destinationPrefixes', { code: 'missing' }],
  [
    'host bits',
    { destinationKind: 'prefixes', destinationPrefixes: '10.0.0.0/8 10.1.2.3/16' },
    'destinationPrefixes',
    { text: '10.1.2.3/16', code: 'hostBits', network: '10.1.0.0/16' },
  ],
  [
    'an address as name',
    { destinationKind: 'name', destinationName: '10.0.0.1' },
    'destinationName',
    { code: 'notAName' },
  ],
  ['a word as port', { protocol: 'tcp', ports: 'https' }, 'ports', { text: 'https', code: 'notAPort' }],
  ['protocol 256', { protocol: 'other', protocolNumber: '256' }, 'protocolNumber', { code: 'notAProtocol' }],
  [
    'hosts to hosts',
    { subjectKind: 'prefixes', subjectPrefixes: '10.0.0.0/8' },
    'destinationKind',
    { code: 'needsClients' },
  ],
  ['a long note', { note: 'x'.repeat(501) }, 'note', { code: 'noteTooLong' }],
])('%s is said at the field', (_, change, field, mistake) => {
  expect(readForm({ ...formOf(emptyRule), ...change })).toEqual({
    ok: false,
    mistakes: { [field]: mistake },
  });
});

test('what does not count is not judged', () => {
  const form = { ...formOf(emptyRule), subjectPrefixes: 'nonsense', ports: 'nonsense', protocolNumber: 'x' };
  expect(readForm(form)).toEqual({ ok: true, content: emptyRule });
});

test('ports stay typed while another protocol is looked at, and are not sent', () => {
  const form = {
    ...formOf({ ...emptyRule, protocol: 'tcp', ports: [[443, 443]] }),
    protocol: 'icmp' as const,
  };
  expect(form.ports).toBe('443');
  expect(readForm(form)).toMatchObject({ ok: true, content: { protocol: 'icmp', ports: [] } });
});

test('a protocol that has a name is called by it', () => {
  const form = { ...formOf(emptyRule), protocol: 'other' as const, protocolNumber: '6' };
  expect(readForm(form)).toMatchObject({ ok: true, content: { protocol: 'tcp' } });
});

test('a name may be typed with a dot at its end and in capitals', () => {
  const form = {
    ...formOf(emptyRule),
    destinationKind: 'name' as const,
    destinationName: ' Files.Example. ',
  };
  expect(readForm(form)).toMatchObject({ ok: true, content: { destination: { name: 'files.example' } } });
});
