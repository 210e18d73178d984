// `connectCall.mjs DIRECTORY ADDRESS PORT` connects with DIRECTORY/bench.toml in this process and prints how long it took from the call to
// the first datagram that came back through the tunnel. The second of two calls counts: the first one loads code.
import { createSocket } from 'node:dgram';
import { join } from 'node:path';
import { openClientNetwork, readProfile, runClient, systemClock, systemResolve } from '@masque-vpn/client';
import { openEngine } from '@masque-vpn/engine';
import { linuxHost } from '@masque-vpn/host';

const [directory = '', address = '', port = ''] = process.argv.slice(2);
const profile = await readProfile(join(directory, 'bench.toml'));
if (!profile.ok) throw new Error(profile.error.message);
const options = {
  profile: profile.value,
  profilePath: null,
  directories: { state: join(directory, 'client'), runtime: join(directory, 'client-run') },
  once: true,
};
const nothing = () => undefined;
/** @type {import('@masque-vpn/client').ClientTools['log']} */
const silent = Object.assign(Object.create(null), {
  ...{ trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing },
  child: () => silent,
});
const tools = {
  openEngine,
  /** @type {import('@masque-vpn/client').ClientTools['openNetwork']} */
  openNetwork: async (network) => openClientNetwork({ ...network, host: linuxHost() }),
  resolve: systemResolve,
  clock: systemClock,
  random: Math.random,
  log: silent,
};

await connectOnce();
console.log(`answered after ${await connectOnce()} ms`);

async function connectOnce() {
  const ended = new AbortController();
  const begun = performance.now();
  const running = runClient({ ...options, signal: ended.signal }, tools);
  const took = (await Promise.race([firstAnswer(), running.then(() => Number.NaN)])) - begun;
  ended.abort();
  const outcome = await running;
  if (!outcome.ok) throw new Error(outcome.error.message);
  return took;
}

/** @returns {Promise<number>} when */
function firstAnswer() {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    // There is no way to it at first; that is what is waited for.
    socket.on('error', () => undefined);
    const sending = setInterval(
      () => socket.send(Buffer.alloc(56), Number(port), address, () => undefined),
      1,
    );
    socket.on('message', () => {
      clearInterval(sending);
      socket.close();
      resolve(performance.now());
    });
  });
}
