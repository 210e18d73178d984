import { fileURLToPath } from 'node:url';
import { says, start } from '../daemon.mjs';

const end = fileURLToPath(new URL('./flowsEnd.mjs', import.meta.url));
const usualPort = 5290;
const patienceMs = 30_000;
/** Share of the time in which TCP looks for its speed; it does not count. */
const warmUp = 0.25;

/**
 * TCP flows from several addresses of the client's side, all at once; what each brought while all of them ran, Mbit/s. One process at each end.
 * @param {object} flows
 * @param {string} flows.serverAddress
 * @param {readonly string[]} flows.from own address of each
 * @param {'up' | 'down'} flows.direction
 * @param {number} flows.seconds
 * @param {readonly string[]} flows.before command that runs the ends, for instance `nice`
 * @param {number} [flows.port]
 * @returns {Promise<readonly number[]>}
 */
export async function manyFlows({ serverAddress, from, direction, seconds, before, port = usualPort }) {
  const up = direction === 'up';
  /** @param {string} role @param {string} work */
  const command = (role, work) => [
    ...before,
    ...[process.execPath, end, role, work, serverAddress, String(port), String(seconds)],
  ];
  const listener = start('server', command('listen', up ? 'receive' : 'send'));
  try {
    await says(listener, /ready/, patienceMs);
    const caller = start('client', [...command('connect', up ? 'send' : 'receive'), ...from]);
    try {
      await says(caller, /ready/, patienceMs);
      process.kill(caller.pid, 'SIGUSR2');
      const receiver = up ? listener : caller;
      await says(receiver, /over/, patienceMs + seconds * 1_000);
      return rates(receiver.output(), from);
    } finally {
      await caller.stop();
    }
  } finally {
    await listener.stop();
  }
}

/** @param {string} output @param {readonly string[]} from */
function rates(output, from) {
  /** @type {{ at: number, bytes: Record<string, number> }[]} */
  const lines = (output.match(/^\{.*\}$/gm) ?? []).map((line) => JSON.parse(line));
  const last = lines.at(-1);
  const first = lines.find(({ at }) => at >= (last?.at ?? 0) * warmUp);
  if (last === undefined || first === undefined || first === last)
    throw new Error(`no flow arrived: ${output}`);
  return from.map((address) => {
    const bytes = (last.bytes[address] ?? 0) - (first.bytes[address] ?? 0);
    return (bytes * 8) / 1e6 / (last.at - first.at);
  });
}
