// `visitors.mjs HOST IDENTITIES COUNT ADDRESS PORT` is so many clients in one process that come, move random bytes both ways through the
// tunnel, compare their SHA-256 and leave, over and over. It prints one line of JSON after each visit, and ends at SIGTERM once all have left.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';
import { eventually } from '../daemon.mjs';
import { moveAndCompare } from '../load/checkedTransfer.mjs';
import { SessionClient } from '../sessions/sessionClient.mjs';

const [host = '', file = '', count = '0', address = '', port = '0'] = process.argv.slice(2);
/** @type {import('../sessions/identities.mjs').Identities} */
const { anchorsPem, identities } = JSON.parse(readFileSync(file, 'utf8'));
const execute = promisify(execFile);

const firstTable = 2_000;
const largestMib = 8;
const pauseMs = 200;
const patienceMs = 120_000;

const leaving = new AbortController();
process.once('SIGTERM', () => leaving.abort());

await Promise.all(identities.slice(0, Number(count)).map((identity, index) => keepVisiting(identity, index)));
process.exit();

/** @param {import('../sessions/identities.mjs').Identity} identity @param {number} index */
async function keepVisiting(identity, index) {
  while (!leaving.signal.aborted) {
    const begun = performance.now();
    const outcome = await visit(identity, index).catch((error) => ({ error: String(error) }));
    const seconds = Math.round(performance.now() - begun) / 1_000;
    console.log(JSON.stringify({ visitor: index, seconds, ...outcome }));
    await after(Math.random() * 2 * pauseMs);
  }
}

/** @param {import('../sessions/identities.mjs').Identity} identity @param {number} index */
async function visit(identity, index) {
  const name = `visit${index}`;
  const table = String(firstTable + index);
  const client = new SessionClient(host, anchorsPem);
  /** @type {string | null} */
  let own = null;
  try {
    await openTun(client.engine, name);
    const session = await within(client.open(identity));
    own = session.address;
    const forwarding = client.engine.update(session.sessionId, {
      role: 'client',
      assigned: [`${own}/32`],
      routes: [{ start: address, end: address, protocol: 0 }],
      peers: [],
      ownIpv4: null,
      ownIpv6: null,
    });
    if (!forwarding.ok) throw new Error(forwarding.error.message);
    await ip('addr', 'add', `${own}/32`, 'dev', name);
    await ip('link', 'set', name, 'up');
    await ip('route', 'add', address, 'dev', name, 'src', own, 'table', table);
    await ip('rule', 'add', 'from', own, 'lookup', table, 'priority', table);
    const mib = 1 + Math.floor(Math.random() * largestMib);
    const path = { address, port: Number(port), localAddress: own };
    const intact =
      (await within(moveAndCompare('send', path, mib))) && (await within(moveAndCompare('fetch', path, mib)));
    session.close();
    return { mib: 2 * mib, intact };
  } finally {
    if (own !== null) await ip('rule', 'del', 'from', own, 'priority', table).catch(() => undefined);
    await client.engine.close();
  }
}

/**
 * Opens the TUN of the last visit again. Another visitor's `ip` that has just been forked holds every descriptor of this process until it
 * becomes `ip`, so an interface may outlive its engine for a moment.
 * @param {import('@masque-vpn/engine').Engine} engine
 * @param {string} name
 */
function openTun(engine, name) {
  return eventually(name, async () => {
    const tun = engine.openTun({ name, mtu: 1_400, offload: true, backpressure: true });
    if (!tun.ok) throw new Error(tun.error.message);
  });
}

/** @param {...string} args */
function ip(...args) {
  return execute('ip', args);
}

/**
 * @template T
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
function within(work) {
  const { signal, abort } = patience();
  const late = after(patienceMs, undefined, { signal }).then(() => {
    throw new Error(`it took more than ${patienceMs / 1_000} s`);
  });
  late.catch(() => undefined);
  return Promise.race([work, late]).finally(abort);
}

function patience() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
