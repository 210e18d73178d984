import type { ConnectionId, SessionId } from '@masque-vpn/engine';
import { ProxySession } from '@masque-vpn/protocol';
import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import type { AccessHold, SharedWork } from '../policy/access.js';
import { clientRecord } from '../testing/clientRecord.js';
import { LivePolicy } from './livePolicy.js';
import type { OpenPhase, Session } from './session.js';
import { SessionTable } from './table.js';

/** How long one session takes to follow, milliseconds; a slice has 10. */
const workMs = 3;

let table: SessionTable;
let live: LivePolicy;
/** Number of the policy; which of them each session followed, in order. */
let policy: number;
let followed: string[];
let reachChanges: number;
/** Who follows badly. */
let broken: string | null;
/** What waits for its turn. */
let turns: (() => void)[];

beforeEach(() => {
  table = new SessionTable();
  [policy, followed, reachChanges, broken, turns] = [0, [], 0, null, []];
  let worked = 0;
  const works = new Map<SharedWork, number>();
  live = new LivePolicy({
    table,
    tunnels: { apply: () => undefined, applyAccess: () => undefined },
    accessControl: {
      beginFollowing: () => {
        policy += 1;
        const shared: SharedWork = { named: new Set(), compiled: new Map() };
        works.set(shared, policy);
        return shared;
      },
      follow: ({ clientUuid }, shared) => {
        worked += workMs;
        if (clientUuid === broken) throw new Error('bug');
        followed.push(`${clientUuid}${works.get(shared) ?? 0}`);
      },
      routesOf: () => [],
      dnsOf: () => [],
    },
    book: { prefixes: [], prefixesOf: () => [] },
    onReachChange: () => {
      reachChanges += 1;
    },
    clock: {
      monotonic: () => worked,
      after: (_delayMs, task) => {
        turns.push(task);
        return { cancel: () => undefined };
      },
    },
    logger: pino({ level: 'silent' }),
  });
  for (const name of 'abcdefghij') table.add(sessionOf(name));
});

/** An open session of a client of this name. */
function sessionOf(name: string): Session {
  const hold: AccessHold = {
    clientUuid: name,
    access: { rules: 1, labels: [], meters: { fromPeer: [], toPeer: [] } },
    ruleSet: { id: 1 },
    meters: [],
  };
  const phase: OpenPhase = {
    name: 'open',
    proxy: new ProxySession({ assigned: [], routes: [] }),
    leases: [],
    policy: { hold, advertised: [], narrow: () => [], takesDns: false },
  };
  const key = name.charCodeAt(0);
  return {
    ...{ id: key as SessionId, connectionId: key as ConnectionId, uuid: name },
    ...{ client: clientRecord({ uuid: name, slug: name }), certificateSha256: null, instance: null },
    ...{ receivedAtMs: 0, startedAtMs: 0, remoteAddress: '', tunnelMtu: null, phase },
    ...{ endCause: null, accessLostAtMs: null },
  };
}

/** Everything else had its turn. */
const nextTurn = (): void => {
  for (const turn of turns.splice(0)) turn();
};

test('of many sessions some follow at once, the others in later turns, each once and in order', async () => {
  let isDone = false;
  const done = live.followAll().then(() => (isDone = true));
  expect(followed.join(' ')).toBe('a1 b1 c1 d1');
  nextTurn();
  await Promise.resolve();
  expect([followed.length, isDone, reachChanges]).toEqual([8, false, 0]);
  nextTurn();
  await done;
  expect(followed.join(' ')).toBe('a1 b1 c1 d1 e1 f1 g1 h1 i1 j1');
  expect(reachChanges).toBe(1);
});

test('a change meanwhile begins with those that do not follow yet; nobody follows the older one any more', async () => {
  const first = live.followAll();
  const second = live.followAll();
  for (let turn = 0; turn < 4; turn += 1) nextTurn();
  await Promise.all([first, second]);
  expect(followed.join(' ')).toBe('a1 b1 c1 d1 e2 f2 g2 h2 i2 j2 a2 b2 c2 d2');
});

test('who ends meanwhile is left alone, and who is changed meanwhile follows at once', async () => {
  const done = live.followAll();
  const [ended] = table.ofClient('f');
  if (ended !== undefined) ended.phase = { name: 'over', admitted: true };
  live.follow('h');
  expect(followed.at(-1)).toBe('h2');
  nextTurn();
  nextTurn();
  await done;
  expect(followed.join(' ')).toBe('a1 b1 c1 d1 h2 e1 g1 h1 i1 j1');
});

test('a session that cannot follow does not keep the others from it', async () => {
  broken = 'b';
  const done = live.followAll();
  for (let turn = 0; turn < 3; turn += 1) nextTurn();
  await done;
  expect(followed).toHaveLength(9);
});
