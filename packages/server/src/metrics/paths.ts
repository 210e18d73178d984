import { connectionColumns, type Snapshot } from '@masque-vpn/engine';
import type { ConnectionAccount } from './connectionAccounts.js';
import type { Family } from './family.js';
import { connectionColumn } from './rows.js';

/** Where samples of paths are counted. */
export interface PathFamilies {
  readonly rtt: Family;
  readonly loss: Family;
  readonly congestionWindow: Family;
  readonly mtu: Family;
}

const connectionId = connectionColumn('connectionId');
const rtt = connectionColumn('rttMicroseconds');
const congestionWindow = connectionColumn('congestionWindowBytes');
const pathMtu = connectionColumn('pathMtu');
const packetsSent = connectionColumn('packetsSent');
const packetsLost = connectionColumn('packetsLost');

/**
 * Observes the path of each connection once for every open session on it. Text format 0.0.4 has no histogram of
 * gauges; one of samples at fixed times says the same, adds up over servers, and its quantiles over any period
 * are honest.
 */
export function samplePaths(
  { connections, connectionRows }: Snapshot,
  find: (connectionId: number) => ConnectionAccount | null,
  families: PathFamilies,
): void {
  for (let base = 0; base < connectionRows * connectionColumns.length; base += connectionColumns.length) {
    const account = find(connections[base + connectionId] ?? 0);
    if (account === null) continue;
    const at = (column: number): number => connections[base + column] ?? 0;
    const loss = lossSince(account, at(packetsSent), at(packetsLost));
    for (let session = 0; session < account.sessions; session += 1) {
      observeKnown(families.rtt, at(rtt) / 1e6);
      observeKnown(families.congestionWindow, at(congestionWindow));
      observeKnown(families.mtu, at(pathMtu));
      if (loss !== null) families.loss.observe(loss);
    }
  }
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
