import { cellsOf, floorOf, nameOf } from '../measures/wireCells.mjs';
import { ours } from '../peers/peers.mjs';
import { pingAboveRaw } from './results.mjs';

/**
 * What the data plane is to reach.
 * @typedef {object} Target
 * @property {string} figure
 * @property {string} text
 * @property {string | null} against a peer, `best`: of all that were measured; null: an absolute value
 * @property {number} bound
 * @property {'atLeast' | 'atMost'} sense
 */

/**
 * @typedef {object} Judged
 * @property {string} figure
 * @property {string} text
 * @property {string} wanted
 * @property {number | null} value null: not measured
 * @property {boolean | null} met null: not measured
 */

const wireguard = 'wireguard-go';

/** @param {string} figure @param {string} text @param {string | null} against @param {number} bound @returns {Target} */
const atLeast = (figure, text, against, bound) => ({ figure, text, against, bound, sense: 'atLeast' });
/** @param {string} figure @param {string} text @param {string | null} against @param {number} bound @returns {Target} */
const atMost = (figure, text, against, bound) => ({ figure, text, against, bound, sense: 'atMost' });

/** @type {readonly Target[]} */
export const targets = [
  atLeast('tcpUp', 'TCP, 1 flow, up', wireguard, 2.5),
  atLeast('tcpDown', 'TCP, 1 flow, down', wireguard, 2.5),
  atLeast('tcp4Up', 'TCP, 4 flows, up', wireguard, 2.5),
  atLeast('tcp4Down', 'TCP, 4 flows, down', wireguard, 2.5),
  atMost('cpuPerGb', 'CPU time per GB, both ends', wireguard, 0.37),
  atLeast('udpUp', 'UDP 1200 B goodput, up', 'boringtun', 2),
  atLeast('udpDown', 'UDP 1200 B goodput, down', 'boringtun', 2),
  atLeast('smallUp', 'small packets, up', 'best', 2),
  atLeast('smallDown', 'small packets, down', 'best', 2),
  atMost(pingAboveRaw, 'ping idle, median above the bare wire, ms', null, 0.1),
  atMost('pingLoadP99', 'ping beside TCP, 99th percentile, ms', null, 8),
  atMost('pingLoadLost', 'pings lost beside TCP, %', null, 0),
  atLeast('setupsPerCpuSecond', 'new sessions per second of server CPU', null, 1_500),
  atMost('memoryPerSession', 'memory per idle session, kB', null, 42),
  atMost('callToAnswer', 'connect call to first answer, ms', null, 30),
  atMost('startToAnswer', 'process start to first answer, ms', null, 200),
  atLeast('manyClientsSum', '50 clients: sum ÷ one client', null, 0.9),
  atLeast('manyClientsFairness', '50 clients: fairness (Jain)', null, 0.95),
  atLeast('stalledClient', '10 busy clients beside a stalled one ÷ without', null, 0.95),
  atLeast('accessRulesUp', 'TCP up with 1,000 rules ÷ without', null, 0.95),
  atLeast('accessRulesDown', 'TCP down with 1,000 rules ÷ without', null, 0.95),
  ...['wireBlastShare', 'wireCubicShare1', 'wireCubicShare4'].flatMap((figure) => [
    atLeast(figure, `${figure}: share left to plain Cubic`, null, 0.35),
    atMost(figure, `${figure}: share left to plain Cubic`, null, 0.65),
  ]),
  atMost('wirePingP50', 'ping under load on the wire, median ÷ round trip', null, 1.5),
  atMost('wirePingP99', 'ping under load on the wire, 99th percentile ÷ round trip', null, 2.5),
  atMost('wirePingLost', 'pings lost under load on the wire, %', null, 0),
  ...cellsOf('all').flatMap((cell) => {
    const floor = floorOf(cell);
    return floor === null ? [] : [atLeast(nameOf(cell), `lossy wire: ${nameOf(cell)}`, null, floor)];
  }),
];

/**
 * Holds medians against the targets.
 * @param {Record<string, Record<string, number>>} medians by figure and peer
 * @returns {Judged[]}
 */
export function judge(medians) {
  return targets.map(({ figure, text, against, bound, sense }) => {
    const own = medians[figure]?.[ours] ?? null;
    const other = against === null ? 1 : peerValue(medians[figure] ?? {}, against);
    const value = own === null || other === null ? null : own / other;
    const unit = against === null ? '' : ` × ${against}`;
    return {
      figure,
      text,
      wanted: `${sense === 'atLeast' ? '≥' : '≤'} ${bound}${unit}`,
      value,
      met: value === null ? null : sense === 'atLeast' ? value >= bound : value <= bound,
    };
  });
}

/** @param {Record<string, number>} byPeer @param {string} name */
function peerValue(byPeer, name) {
  if (name !== 'best') return byPeer[name] ?? null;
  const others = Object.entries(byPeer).filter(([peer]) => peer !== ours && peer !== 'raw');
  return others.length === 0 ? null : Math.max(...others.map(([, value]) => value));
}
