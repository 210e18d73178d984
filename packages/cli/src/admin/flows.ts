import { FlowModel } from '@masque-vpn/server/models';
import { type CommandResult, done } from '../commandResult.js';
import { table } from '../output/table.js';
import { duration } from '../output/units.js';
import { apiPath } from './adminApi.js';
import type { AdminTools } from './adminContext.js';

/** Flags of `admin flow list`. */
export interface FlowFlags {
  readonly refused?: true;
  readonly client?: string;
  readonly limit: number;
}

/** `masque-vpn admin flow list` */
export async function listFlows(flags: FlowFlags, tools: AdminTools): Promise<CommandResult> {
  const { api, world, print } = tools;
  const verdict = flags.refused === true ? 'refused' : undefined;
  const answer = await api.list(apiPath('flows'), FlowModel, { verdict, client: flags.client }, flags.limit);
  if (!answer.ok) return answer;
  print({ items: answer.value }, ({ items }) =>
    items.length === 0
      ? 'No flow was sampled lately.\n'
      : table(
          ['client', 'direction', 'from', 'to', 'protocol', 'verdict', 'rule', 'times', 'last'],
          items.map((flow) => [
            ...flowRow(flow),
            flow.verdict,
            flow.ruleNumber === null ? 'none' : `#${flow.ruleNumber}`,
            String(flow.count),
            `${duration(world.now() - flow.lastAtMs)} ago`,
          ]),
        ),
  );
  return done;
}

/** Client, direction, from, to, protocol. */
export function flowRow(flow: FlowModel): string[] {
  const { clientAddress, remoteAddress, remoteClientId, port } = flow;
  const remote = remoteClientId === null ? remoteAddress : `${remoteAddress} (${remoteClientId})`;
  const target = (address: string): string => (port === null ? address : withPort(address, port));
  const isOutward = flow.direction === 'fromClient';
  return [
    flow.clientId,
    isOutward ? 'out' : 'in',
    isOutward ? clientAddress : remote,
    isOutward ? target(remote) : target(clientAddress),
    String(flow.protocol),
  ];
}

function withPort(address: string, port: number): string {
  return address.includes(':') ? `${address} port ${port}` : `${address}:${port}`;
}
