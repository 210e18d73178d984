/** @typedef {import('../peers/peer.mjs').Peer} Peer */
/** @typedef {import('../peers/peer.mjs').Tunnel} Tunnel */

/**
 * How much is done.
 * @typedef {object} Effort
 * @property {number} seconds of each load
 * @property {number} pings
 * @property {number} setups sessions opened and closed
 * @property {number} sessions held at once
 * @property {number} megabytes of each checked transfer
 * @property {'two' | 'few' | 'all'} cells of the lossy wire
 * @property {number} togetherMbit up to which rate of the lossy wire its two loads run at once; 0: never
 */

/**
 * What can be counted beside the figures; 0 is right for the first two.
 * @typedef {'tcpChecksumErrors' | 'corruptTransfers' | 'intactTransfers' | 'reorderedDatagrams'} Count
 */

/**
 * @typedef {object} Context
 * @property {Effort} effort
 * @property {number} round from 1
 * @property {string} directory of the peer; kept from round to round
 * @property {(what: Count, number: number) => void} count
 * @property {(values: Values) => void} keep results that an interruption is not to lose, as soon as they are known
 * @property {(figure: string) => boolean} known whether an interrupted run that is continued has this figure of the round
 * @property {(figures: readonly string[], error: unknown) => void} failed figures that could not be taken, where others still can
 * @property {() => boolean} late whether the run's time is over: what can be left out should be
 */

/**
 * A row of results.
 * @typedef {object} Figure
 * @property {string} title
 * @property {string} unit
 * @property {'higher' | 'lower'} better
 */

/**
 * Results by figure.
 * @typedef {Record<string, number | null>} Values
 */

/**
 * Measured in a tunnel that is up, or with a peer that the measure starts itself, or with ours only; null from the latter two: not with
 * this peer.
 * @typedef {{ kind: 'tunnel', run: (tunnel: Tunnel, context: Context) => Promise<Values> }
 *   | { kind: 'peer', suits: (peer: Peer) => boolean, run: (peer: Peer, context: Context) => Promise<Values> }
 *   | { kind: 'ours', run: (context: Context) => Promise<Values> }} Way
 */

/**
 * @typedef {object} MeasureFacts
 * @property {string} name
 * @property {Readonly<Record<string, Figure>>} figures
 * @property {(effort: Effort) => readonly string[]} [others] further figures, those that depend on how much is done
 * @property {boolean} quick whether it is part of `--quick`
 */

/** @typedef {MeasureFacts & Way} Measure */
export {};
