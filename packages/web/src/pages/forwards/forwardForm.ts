import type { Model } from '../../api/client.js';
import { parsePrefixList, type PrefixMistake } from '../../domain/address.js';
import { parsePort } from '../../domain/ports.js';

export type PortForward = Model<'PortForward'>;
export type ForwardContent = Pick<
  PortForward,
  'enabled' | 'protocol' | 'publicPort' | 'clientId' | 'clientPort' | 'sources' | 'note'
>;

/** What stands in the form, as typed. */
export type ForwardTexts = Record<
  'protocol' | 'publicPort' | 'clientId' | 'clientPort' | 'sources' | 'note' | 'enabled',
  string
>;
export type ForwardField = keyof ForwardTexts;

export type ForwardMistake =
  | { readonly code: 'missing' | 'outOfRange' | 'noteTooLong' | 'tooMany' }
  | ({ readonly text: string } & PrefixMistake);

export type ForwardReading =
  | { readonly ok: true; readonly content: ForwardContent }
  | { readonly ok: false; readonly mistakes: Readonly<Partial<Record<ForwardField, ForwardMistake>>> };

export const emptyForward: ForwardTexts = {
  protocol: 'tcp',
  publicPort: '',
  clientId: '',
  clientPort: '',
  sources: '',
  note: '',
  enabled: 'yes',
};

export function forwardTexts(forward: ForwardContent): ForwardTexts {
  return {
    protocol: forward.protocol,
    publicPort: String(forward.publicPort),
    clientId: forward.clientId,
    clientPort: String(forward.clientPort),
    sources: forward.sources.join('\n'),
    note: forward.note ?? '',
    enabled: forward.enabled ? 'yes' : 'no',
  };
}

/** The forward that the form says, or what is wrong with each field; no client's port: the same as the public one. */
export function readForward(texts: Readonly<ForwardTexts>): ForwardReading {
  const mistakes: Partial<Record<ForwardField, ForwardMistake>> = {};
  const port = (field: 'publicPort' | 'clientPort', text: string): number => {
    const number = parsePort(text.trim());
    if (number === null) mistakes[field] = { code: text.trim() === '' ? 'missing' : 'outOfRange' };
    return number ?? 0;
  };
  const publicPort = port('publicPort', texts.publicPort);
  const clientPort = port('clientPort', texts.clientPort.trim() === '' ? texts.publicPort : texts.clientPort);
  // One empty field is one mistake.
  if (texts.clientPort.trim() === '') delete mistakes.clientPort;
  const clientId = texts.clientId.trim();
  if (clientId === '') mistakes.clientId = { code: 'missing' };
  const sources = parsePrefixList(texts.sources);
  if (!sources.ok) mistakes.sources = { text: sources.text, ...sources.mistake };
  else if (sources.prefixes.length > 64) mistakes.sources = { code: 'tooMany' };
  const note = texts.note.trim();
  if (Array.from(note).length > 500) mistakes.note = { code: 'noteTooLong' };
  if (!sources.ok || Object.keys(mistakes).length > 0) return { ok: false, mistakes };
  return {
    ok: true,
    content: {
      enabled: texts.enabled === 'yes',
      protocol: texts.protocol === 'udp' ? 'udp' : 'tcp',
      ...{ publicPort, clientId, clientPort, sources: [...sources.prefixes] },
      note: note === '' ? null : note,
    },
  };
}

/** The field that a refusal of the server's is about; null: the whole form. */
export function fieldOf(code: string): ForwardField | null {
  switch (code) {
    case 'PORT_FORWARD_TAKEN':
    case 'PORT_FORWARD_RESERVED':
      return 'publicPort';
    case 'CLIENT_NOT_FOUND':
      return 'clientId';
    default:
      return null;
  }
}
