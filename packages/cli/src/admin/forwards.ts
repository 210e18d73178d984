import { z } from 'zod';
import { PortForwardListModel, PortForwardModel } from '@masque-vpn/server/models';
import { commandFailed, type CommandResult, done } from '../commandResult.js';
import { exitCodes } from '../exitCode.js';
import { table } from '../output/table.js';
import { apiPath } from './adminApi.js';
import type { AdminTools } from './adminContext.js';

/** Flags of `admin forward add`. */
export interface ForwardFlags {
  readonly proto: 'tcp' | 'udp';
  readonly source?: readonly string[];
  readonly note?: string;
}

/** `masque-vpn admin forward list` */
export async function listForwards({ api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('GET', apiPath('port-forwards'), PortForwardListModel);
  if (!answer.ok) return answer;
  print(answer.value, ({ items }) =>
    items.length === 0
      ? 'No port of the server leads to a client.\n'
      : table(
          ['port', 'client', 'its port', 'state', 'for', 'leads to', 'note', 'id'],
          items.map((forward) => [
            `${forward.publicPort}/${forward.protocol}`,
            forward.clientId,
            String(forward.clientPort),
            forward.enabled ? 'enabled' : 'disabled',
            forward.sources.join(',') || 'everybody',
            forward.addresses.join(' ') || '(not connected)',
            forward.note ?? '',
            forward.id,
          ]),
        ),
  );
  return done;
}

/** `masque-vpn admin forward add PORT CLIENT [PORT]` */
export async function addForward(
  publicPort: number,
  clientId: string,
  clientPort: number,
  flags: ForwardFlags,
  { api, print }: AdminTools,
): Promise<CommandResult> {
  const { proto: protocol, source: sources = [], note = null } = flags;
  const body = { protocol, publicPort, clientId, clientPort, sources, note };
  const answer = await api.call('POST', apiPath('port-forwards'), PortForwardModel, { body });
  if (!answer.ok) return answer;
  print(answer.value, () => {
    const who = sources.length === 0 ? 'everybody on the Internet' : sources.join(', ');
    return `Port ${publicPort}/${protocol} of the server leads to port ${clientPort} of ${clientId}, for ${who}.\n`;
  });
  return done;
}

/** `masque-vpn admin forward enable|disable PORT` */
export async function enableForward(
  reference: string,
  enabled: boolean,
  tools: AdminTools,
): Promise<CommandResult> {
  const found = await findForward(reference, tools);
  if (!found.ok) return found;
  const { id, version } = found.value;
  const path = apiPath('port-forwards', id);
  const answer = await tools.api.call('PATCH', path, PortForwardModel, { body: { enabled }, version });
  if (!answer.ok) return answer;
  tools.print(answer.value, ({ publicPort, protocol }) =>
    enabled
      ? `Port ${publicPort}/${protocol} leads to its client again.\n`
      : `Port ${publicPort}/${protocol} leads nowhere until it is enabled.\n`,
  );
  return done;
}

/** `masque-vpn admin forward delete PORT` */
export async function deleteForward(reference: string, tools: AdminTools): Promise<CommandResult> {
  const found = await findForward(reference, tools);
  if (!found.ok) return found;
  const { id, version, publicPort, protocol } = found.value;
  const answer = await tools.api.call('DELETE', apiPath('port-forwards', id), z.null(), { version });
  if (!answer.ok) return answer;
  tools.print({ removed: id }, () => `Port ${publicPort}/${protocol} leads nowhere now.\n`);
  return done;
}

/** The forward of `8080`, `8080/udp` or an id; a port that both protocols have must be named with one. */
async function findForward(reference: string, { api }: AdminTools): Promise<CommandResult<PortForwardModel>> {
  const answer = await api.call('GET', apiPath('port-forwards'), PortForwardListModel);
  if (!answer.ok) return answer;
  const [port, protocol] = reference.split('/');
  const found = answer.value.items.filter(
    (item) =>
      item.id === reference ||
      (String(item.publicPort) === port && (protocol === undefined || item.protocol === protocol)),
  );
  const [first] = found;
  if (first !== undefined && found.length === 1) return { ok: true, value: first };
  const message =
    first === undefined
      ? `There is no forward of ${reference}: masque-vpn admin forward list`
      : `Port ${reference} is forwarded of tcp and of udp: say ${reference}/tcp or ${reference}/udp.`;
  return commandFailed('CLI_INVALID_ARGUMENT', message, exitCodes.usage);
}
