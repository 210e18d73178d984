import type { Model } from '../../api/client.js';
import { isDnsName, parseAddress } from '../address.js';
import { parsePort } from '../ports.js';

export type Packet = Model<'Packet'>;

/** What somebody asks about, as typed, and as it stands in the address of the page. */
export interface PacketForm {
  /** A client's id or an address. */
  readonly from: string;
  /** An address, a client's id (with `client:` before it where it could be a name) or a DNS name. */
  readonly to: string;
  readonly protocol: string;
  readonly port: string;
}

export type PacketMistake = 'missing' | 'notAnEnd' | 'notATarget' | 'outOfRange' | 'notAProtocol';

export type PacketReading =
  | { readonly ok: true; readonly packet: Packet }
  | { readonly ok: false; readonly mistakes: Readonly<Partial<Record<keyof PacketForm, PacketMistake>>> };

const slug = /^[a-z0-9-]{1,63}$/;

/** The packet that the form asks about, or what is wrong with each field. */
export function readPacket(form: PacketForm): PacketReading {
  const mistakes: Partial<Record<keyof PacketForm, PacketMistake>> = {};
  const from = readEnd(form.from);
  if (from === null) mistakes.from = form.from.trim() === '' ? 'missing' : 'notAnEnd';
  const to = readTarget(form.to);
  if (to === null) mistakes.to = form.to.trim() === '' ? 'missing' : 'notATarget';
  const protocol = readProtocol(form.protocol);
  if (protocol === null) mistakes.protocol = 'notAProtocol';
  const hasPort = protocol === 'tcp' || protocol === 'udp';
  const port = hasPort ? parsePort(form.port.trim()) : null;
  if (hasPort && port === null) mistakes.port = form.port.trim() === '' ? 'missing' : 'outOfRange';
  if (from === null || to === null || protocol === null || Object.keys(mistakes).length > 0) {
    return { ok: false, mistakes };
  }
  return { ok: true, packet: { from, to, protocol, port } };
}

function readEnd(typed: string): Packet['from'] | null {
  const text = typed.trim();
  if (parseAddress(text) !== null) return { address: text };
  const id = text.replace(/^client:/, '').toLowerCase();
  return slug.test(id) ? { client: id } : null;
}

/** A word without a dot is a client; with `name:` before it, a name. */
function readTarget(typed: string): Packet['to'] | null {
  const text = typed.trim();
  if (text.startsWith('name:')) {
    const name = text.slice('name:'.length);
    return isDnsName(name) ? { name: name.toLowerCase() } : null;
  }
  const end = readEnd(text);
  if (end !== null) return end;
  const name = text.replace(/\.$/, '').toLowerCase();
  return isDnsName(name) ? { name } : null;
}

function readProtocol(text: string): Packet['protocol'] | null {
  if (text === 'tcp' || text === 'udp' || text === 'icmp') return text;
  const number = /^[1-9]\d{0,2}$/.test(text.trim()) ? Number(text) : 0;
  return number >= 1 && number <= 255 ? number : null;
}
