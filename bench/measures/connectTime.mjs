import { fileURLToPath } from 'node:url';
import { says, start } from '../daemon.mjs';
import { ours } from '../peers/peers.mjs';

const probe = fileURLToPath(new URL('../load/firstAnswer.mjs', import.meta.url));
const traffic = fileURLToPath(new URL('../revocation/traffic.mjs', import.meta.url));
const caller = fileURLToPath(new URL('../sessions/connectCall.mjs', import.meta.url));
const port = '9999';

/**
 * From the start of the client's process, and for ours also from the call in a process that runs, to the first answer through the tunnel. The
 * question is a datagram each millisecond, so there is a millisecond of grain.
 * @type {import('./measure.mjs').Measure}
 */
export const connectTime = {
  name: 'connectTime',
  quick: true,
  kind: 'peer',
  figures: {
    startToAnswer: { title: 'client’s process start to first answer', unit: 'ms', better: 'lower' },
    callToAnswer: { title: 'client’s connect call to first answer', unit: 'ms', better: 'lower' },
  },
  suits: (peer) => peer.name !== 'raw',
  run: async (peer, { directory }) => {
    const server = await peer.serve(directory);
    const echo = start('server', [process.execPath, traffic, 'echo', port]);
    try {
      const startToAnswer = await fromStart(peer, directory, server.address);
      const callToAnswer = peer.name === ours ? await fromCall(directory, server.address) : null;
      return { startToAnswer, callToAnswer };
    } finally {
      await echo.stop();
      await server.daemon?.stop();
    }
  },
};

/** @param {import('../peers/peer.mjs').Peer} peer @param {string} directory @param {string} address */
async function fromStart(peer, directory, address) {
  const asking = start('client', [process.execPath, probe, address, port]);
  /** @type {import('../daemon.mjs').Daemon | null} */
  let client = null;
  try {
    await says(asking, /ready/, 10_000);
    const begun = process.hrtime.bigint();
    client = await peer.connect(directory);
    const [, at = '0'] = await says(asking, /answered (\d+)/, 20_000);
    return Number(BigInt(at) - begun) / 1e6;
  } finally {
    await asking.stop();
    await client?.stop();
  }
}

/** @param {string} directory @param {string} address */
async function fromCall(directory, address) {
  const calling = start('client', [process.execPath, caller, directory, address, port]);
  try {
    const [, took = ''] = await says(calling, /answered after (\S+) ms/, 20_000);
    return Number(took);
  } finally {
    await calling.stop();
  }
}
