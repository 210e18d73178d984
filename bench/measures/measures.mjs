import { accessRules } from './accessRules.mjs';
import { connectTime } from './connectTime.mjs';
import { manyClients, slowClient, stalledClient } from './crowd.mjs';
import { pingIdle, pingLoad } from './latency.mjs';
import { memory, setups } from './sessions.mjs';
import { tcpMeasures } from './tcp.mjs';
import { transfer } from './transfer.mjs';
import { udpMeasures } from './udp.mjs';
import { wire } from './wire.mjs';

/**
 * In the order in which they are taken and shown.
 * @type {readonly import('./measure.mjs').Measure[]}
 */
export const measures = [
  ...tcpMeasures,
  ...udpMeasures,
  pingIdle,
  pingLoad,
  transfer,
  setups,
  memory,
  connectTime,
  manyClients,
  stalledClient,
  slowClient,
  accessRules,
  wire,
];
