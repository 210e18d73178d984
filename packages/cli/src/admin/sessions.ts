import { z } from 'zod';
import { PastSessionModel, SessionDetailModel, SessionModel } from '@masque-vpn/server/models';
import { type CommandResult, done } from '../commandResult.js';
import type { Moment } from '../input/moment.js';
import { facts, table } from '../output/table.js';
import { bitRate, bytes, duration, instant } from '../output/units.js';
import { apiPath } from './adminApi.js';
import type { AdminTools } from './adminContext.js';

/** Flags of `admin session list`. */
export interface SessionFlags {
  readonly client?: string;
}

/** Flags of `admin session history`. */
export interface HistoryFlags {
  readonly client?: string;
  readonly refused?: true;
  readonly cause?: string;
  readonly since?: Moment;
  readonly limit: number;
}

/** `masque-vpn admin session list`; `down` is towards the client. */
export async function listSessions(flags: SessionFlags, tools: AdminTools): Promise<CommandResult> {
  const { api, world, print } = tools;
  const answer = await api.list(apiPath('sessions'), SessionModel, { client: flags.client });
  if (!answer.ok) return answer;
  print({ items: answer.value }, ({ items }) =>
    items.length === 0
      ? 'Nobody is connected.\n'
      : table(
          ['client', 'from', 'addresses', 'for', 'up', 'down', 'rtt', 'mtu', 'id'],
          items.map((session) => [
            session.clientId,
            session.remoteAddress,
            session.addresses.join(' '),
            duration(world.now() - session.startedAtMs),
            bytes(session.bytesReceived),
            bytes(session.bytesSent),
            session.path.rttMs === null ? '-' : `${session.path.rttMs.toFixed(1)} ms`,
            session.tunnelMtu === null ? '-' : String(session.tunnelMtu),
            session.id,
          ]),
        ),
  );
  return done;
}

/** `masque-vpn admin session history` */
export async function listPastSessions(flags: HistoryFlags, tools: AdminTools): Promise<CommandResult> {
  const { api, world, print } = tools;
  const query = {
    client: flags.client,
    state: flags.refused === true ? 'refused' : undefined,
    cause: flags.cause,
    fromMs: flags.since?.(world.now()),
  };
  const answer = await api.list(apiPath('sessions', 'history'), PastSessionModel, query, flags.limit);
  if (!answer.ok) return answer;
  print({ items: answer.value }, ({ items }) =>
    items.length === 0
      ? 'There is no such session.\n'
      : table(
          ['client', 'began', 'for', 'end', 'from', 'up', 'down', 'id'],
          items.map((session) => [
            session.clientId,
            instant(session.startedAtMs),
            session.state === 'refused' ? '-' : lifeText(session, world.now()),
            session.cause ?? 'open',
            session.remoteAddress,
            bytes(session.bytesReceived),
            bytes(session.bytesSent),
            session.id,
          ]),
        ),
  );
  return done;
}

/** `masque-vpn admin session show ID` */
export async function showSession(id: string, { api, world, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('GET', apiPath('sessions', id), SessionDetailModel);
  if (!answer.ok) return answer;
  print(answer.value, (session) =>
    facts([
      ['session', session.id],
      ['client', session.clientId],
      ...serverFact(session),
      ['from', session.remoteAddress],
      ['addresses', session.addresses.join(', ') || 'none'],
      ['began', instant(session.startedAtMs)],
      ['for', lifeText(session, world.now())],
      ['end', session.cause ?? 'open'],
      ['received', `${bytes(session.bytesReceived)}, ${session.packetsReceived} packets`],
      ['sent', `${bytes(session.bytesSent)}, ${session.packetsSent} packets`],
      ...liveFacts(session),
    ]),
  );
  return done;
}

/** `masque-vpn admin session disconnect ID` */
export async function disconnectSession(id: string, { api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('DELETE', apiPath('sessions', id), z.null());
  if (!answer.ok) return answer;
  print({ disconnected: id }, () => 'The session is ended; its client may come back.\n');
  return done;
}

/** Of no interest where there is only one. */
function serverFact({ server }: SessionDetailModel): (readonly [string, string])[] {
  return server === null ? [] : [['server', server.name ?? server.id]];
}

function liveFacts({ live }: SessionDetailModel): (readonly [string, string])[] {
  if (live === null) return [];
  const { path, tunnelMtu, dropsSending, dropsReceiving } = live;
  return [
    ['dropped', `${dropsSending} packets to the client, ${dropsReceiving} from it`],
    ['round trip', path.rttMs === null ? 'unknown' : `${path.rttMs.toFixed(1)} ms`],
    ['loss', path.lossRatio === null ? 'unknown' : `${(path.lossRatio * 100).toFixed(2)} %`],
    ['MTU', tunnelMtu === null ? 'unknown' : String(tunnelMtu)],
    ['congestion', congestionText(path)],
  ];
}

type PathModel = NonNullable<SessionDetailModel['live']>['path'];

function congestionText(path: PathModel): string {
  const { congestionMode: mode, congestionRate: rate, congestionWindowBytes: window } = path;
  const parts = [
    mode === null ? 'unknown' : modeTexts[mode],
    ...(rate === null ? [] : [`expects ${bitRate(rate * 8)}`]),
    ...(window === null ? [] : [`window ${bytes(window)}`]),
  ];
  return parts.join(', ');
}

const modeTexts: Readonly<Record<NonNullable<PathModel['congestionMode']>, string>> = {
  startup: 'looks for the rate of the path',
  alone: 'has the path to itself',
  test: 'tests whether others use the path',
  sharing: 'shares the path with others',
  bbr: 'BBR',
  cubic: 'Cubic',
};

function lifeText({ startedAtMs, endedAtMs }: PastSessionModel, now: number): string {
  return duration((endedAtMs ?? now) - startedAtMs);
}
