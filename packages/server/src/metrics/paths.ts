import { congestionModes, connectionColumns, type CongestionMode, type Snapshot } from '@masque-vpn/engine';
import type { ConnectionAccount } from './connectionAccounts.js';
import type { Family } from './family.js';
import { connectionColumn } from './rows.js';

/** Where samples of paths are counted. */
export interface PathFamilies {
  readonly rtt: Family;
  readonly loss: Family;
  readonly congestionWindow: Family;
  readonly congestionRate: Family;
  readonly congestionMode: Family;
  readonly mtu: Family;
}

const connectionId = connectionColumn('connectionId');
const rtt = connectionColumn('rttMicroseconds');
const congestionWindow = connectionColumn('congestionWindowBytes');
const congestionRate = connectionColumn('congestionRateBytesPerSecond');
const congestionMode = connectionColumn('congestionMode');
const pathMtu = connectionColumn('pathMtu');
const packetsSent = connectionColumn('packetsSent');
const packetsLost = connectionColumn('packetsLost');

/**
 * Observes the path of each connection once for every open session on it. Text format 0.0.4 has no histogram of
 * gauges; one of samples at fixed times says the same, adds up over servers, and its quantiles over any period
 * are honest. Modes of congestion control are no quantities: they are counted.
 */
export function samplePaths(
  { connections, connectionRows }: Snapshot,
  find: (connectionId: number) => ConnectionAccount | null,
  families: PathFamilies,
): void {
  const modes = new Array<number>(congestionModes.length + 1).fill(0);
  for (let base = 0; base < connectionRows * connectionColumns.length; base += connectionColumns.length) {
    const account = find(connections[base + connectionId] ?? 0);
    if (account === null) continue;
    const at = (column: number): number => connections[base + column] ?? 0;
    const mode = at(congestionMode);
    modes[mode] = (modes[mode] ?? 0) + account.sessions;
    const loss = lossSince(account, at(packetsSent), at(packetsLost));
    for (let session = 0; session < account.sessions; session += 1) {
      observeKnown(families.rtt, at(rtt) / 1e6);
      observeKnown(families.congestionWindow, at(congestionWindow));
      observeKnown(families.congestionRate, at(congestionRate));
      observeKnown(families.mtu, at(pathMtu));
      if (loss !== null) families.loss.observe(loss);
    }
  }
  for (const [index, mode] of congestionModes.entries()) {
    families.congestionMode.set(modes[index + 1] ?? 0, families.congestionMode.cell(mode));
  }
}

/** The path of a connection now; null: not known yet. */
export interface PathQuality {
  /** Smoothed. */
  readonly rttMs: number | null;
  /** Share of the packets sent so far that were lost, 0–1. */
  readonly lossRatio: number | null;
  /** Largest UDP payload that the path is known to carry. */
  readonly pathMtu: number | null;
  readonly congestionWindowBytes: number | null;
  /** What congestion control expects of the path, bytes per second. */
  readonly congestionRate: number | null;
  readonly congestionMode: CongestionMode | null;
}

/** Of a connection that has ended, for instance. */
export const unknownPath: PathQuality = {
  rttMs: null,
  lossRatio: null,
  pathMtu: null,
  congestionWindowBytes: null,
  congestionRate: null,
  congestionMode: null,
};

/** Paths of some connections, as a snapshot shows them. */
export function pathsIn(
  { connections, connectionRows }: Snapshot,
  wanted: ReadonlySet<number>,
): ReadonlyMap<number, PathQuality> {
  const found = new Map<number, PathQuality>();
  for (let base = 0; base < connectionRows * connectionColumns.length; base += connectionColumns.length) {
    const id = connections[base + connectionId] ?? 0;
    if (!wanted.has(id)) continue;
    // The engine shows 0 until it knows.
    const known = (column: number): number | null => {
      const value = connections[base + column] ?? 0;
      return value > 0 ? value : null;
    };
    const sent = known(packetsSent);
    const microseconds = known(rtt);
    found.set(id, {
      rttMs: microseconds === null ? null : microseconds / 1_000,
      lossRatio: sent === null ? null : Math.min(1, (known(packetsLost) ?? 0) / sent),
      pathMtu: known(pathMtu),
      congestionWindowBytes: known(congestionWindow),
      congestionRate: known(congestionRate),
      congestionMode: congestionModes[(known(congestionMode) ?? 0) - 1] ?? null,
    });
  }
  return found;
}

/** Share of packets lost since the last sample; null when none were sent. */
function lossSince(account: ConnectionAccount, sent: number, lost: number): number | null {
  const sentSince = sent - account.sampledSent;
  const lostSince = lost - account.sampledLost;
  account.sampledSent = sent;
  account.sampledLost = lost;
  // A packet may be declared lost a sample after it was sent.
  return sentSince > 0 ? Math.min(1, Math.max(0, lostSince / sentSince)) : null;
}

/** The engine shows 0 until it knows. */
function observeKnown(family: Family, value: number): void {
  if (value > 0) family.observe(value);
}
