import { expect, test } from 'vitest';
import { readPacket, type Packet, type PacketForm } from './packetAddress.js';

const form: PacketForm = { from: 'alice', to: '10.0.0.5', protocol: 'tcp', port: '443' };
const packet: Packet = { from: { client: 'alice' }, to: { address: '10.0.0.5' }, protocol: 'tcp', port: 443 };

test.each<[string, Partial<PacketForm>, Partial<Packet>]>([
  ['a client to an address', {}, {}],
  ['spaces around', { from: ' Alice ', to: ' 10.0.0.5 ', port: ' 443 ' }, {}],
  [
    'an address to a client',
    { from: '2001:db8::1', to: 'nas' },
    { from: { address: '2001:db8::1' }, to: { client: 'nas' } },
  ],
  ['a name', { to: 'Files.example.' }, { to: { name: 'files.example' } }],
  ['a name without a dot', { to: 'name:printer' }, { to: { name: 'printer' } }],
  ['a client by its kind', { to: 'client:nas' }, { to: { client: 'nas' } }],
  ['no port for ICMP', { protocol: 'icmp', port: '99999' }, { protocol: 'icmp', port: null }],
  ['a protocol’s number', { protocol: '47' }, { protocol: 47, port: null }],
])('%s', (_, change, expected) => {
  expect(readPacket({ ...form, ...change })).toEqual({ ok: true, packet: { ...packet, ...expected } });
});

test.each<[Partial<PacketForm>, Partial<Record<keyof PacketForm, string>>]>([
  [{ from: '' }, { from: 'missing' }],
  [{ from: 'files.example' }, { from: 'notAnEnd' }],
  [{ to: '10.0.0.0/8' }, { to: 'notATarget' }],
  [{ port: '' }, { port: 'missing' }],
  [{ port: '70000' }, { port: 'outOfRange' }],
  [{ protocol: '300' }, { protocol: 'notAProtocol' }],
])('%j is not asked', (change, mistakes) => {
  expect(readPacket({ ...form, ...change })).toEqual({ ok: false, mistakes });
});
