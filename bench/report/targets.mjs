import { cellsOf, floorOf, nameOf } from '../measures/wireCells.mjs';
import { ours, variants } from '../peers/peers.mjs';
import { pingAboveRaw } from './results.mjs';

/**
 * What the data plane is to reach.
 * @typedef {object} Target
 * @property {string} figure
 * @property {string} text
 * @property {string | null} against a peer, `best`: of all that were measured; null: an absolute value
 * @property {number} least −Infinity: no lower bound
 * @property {number} most Infinity: no upper bound
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

/** @param {string} figure @param {string} text @param {string | null} against @param {number} least @returns {Target} */
const atLeast = (figure, text, against, least) => ({ figure, text, against, least, most: Infinity });
/** @param {string} figure @param {string} text @param {string | null} against @param {number} most @returns {Target} */
const atMost = (figure, text, against, most) => ({ figure, text, against, least: -Infinity, most });
/** A fair share of a wire. @param {string} figure @param {string} text @returns {Target} */
const fairShare = (figure, text) => ({ figure, text, against: null, least: 0.35, most: 0.65 });

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
  atLeast('manyClientsSum', '50 clients, up: sum ÷ one client', null, 0.9),
  atLeast('manyClientsFairness', '50 clients, up: fairness (Jain)', null, 0.95),
  atLeast('manyClientsDownSum', '50 clients, down: sum ÷ one client', null, 0.9),
  atLeast('manyClientsDownFairness', '50 clients, down: fairness (Jain)', null, 0.95),
  atLeast('stalledClient', '10 busy clients beside a stalled one ÷ without', null, 0.95),
  atLeast('slowClient', '10 busy clients beside a slow one ÷ without', null, 0.95),
  atLeast('accessRulesUp', 'TCP up, 1,000 rules and 10,000 sessions ÷ none', null, 0.95),
  atLeast('accessRulesDown', 'TCP down, 1,000 rules and 10,000 sessions ÷ none', null, 0.95),
  atLeast('accessRulesCpuUp', 'the same in CPU time per GB, up', null, 0.95),
  atLeast('accessRulesCpuDown', 'the same in CPU time per GB, down', null, 0.95),
  fairShare('wireBlastShare', 'left to a plain Cubic flow beside a UDP blast'),
  fairShare('wireCubicShare1', 'left to a plain Cubic flow beside an inner one, 1 BDP'),
  fairShare('wireCubicShare4', 'left to a plain Cubic flow beside an inner one, 4 BDP'),
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
  return targets.map(({ figure, text, against, least, most }) => {
    const own = medians[figure]?.[ours] ?? null;
    const other = against === null ? 1 : peerValue(medians[figure] ?? {}, against);
    const value = own === null || other === null ? null : own / other;
    const unit = against === null ? '' : ` × ${against}`;
    return {
      figure,
      text,
      wanted: `${bounds(least, most)}${unit}`,
      value,
      met: value === null ? null : value >= least && value <= most,
    };
  });
}

/** @param {number} least @param {number} most */
function bounds(least, most) {
  if (most === Infinity) return `≥ ${least}`;
  return least === -Infinity ? `≤ ${most}` : `${least}–${most}`;
}

/** @param {Record<string, number>} byPeer @param {string} name */
function peerValue(byPeer, name) {
  if (name !== 'best') return byPeer[name] ?? null;
  const others = Object.entries(byPeer).filter(
    ([peer]) => peer !== ours && peer !== 'raw' && !variants.includes(peer),
  );
  return others.length === 0 ? null : Math.max(...others.map(([, value]) => value));
}
