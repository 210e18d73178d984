import {
  connectionColumns,
  sessionColumns,
  streamDurationBounds,
  type ConnectionColumn,
  type SessionColumn,
  type Snapshot,
} from '@masque-vpn/engine';

/** Counters of one session, as the engine's row held them. */
export interface SessionTraffic {
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly packetsSent: number;
  readonly packetsReceived: number;
  readonly dropsSending: number;
  readonly dropsReceiving: number;
}

export const noTraffic: SessionTraffic = {
  bytesSent: 0,
  bytesReceived: 0,
  packetsSent: 0,
  packetsReceived: 0,
  dropsSending: 0,
  dropsReceiving: 0,
};

/** Counters of one connection's streams. */
export interface StreamTraffic {
  readonly bidirectional: number;
  readonly unidirectional: number;
  /** Closed streams by duration, one number per bound of `streamDurationBounds` and one above. */
  readonly durations: readonly number[];
  readonly secondsTotal: number;
}

const sessionColumn = (name: SessionColumn): number => sessionColumns.indexOf(name);
const sessionId = sessionColumn('sessionId');
const bytesSent = sessionColumn('bytesSent');
const bytesReceived = sessionColumn('bytesReceived');
const packetsSent = sessionColumn('packetsSent');
const packetsReceived = sessionColumn('packetsReceived');
const dropsSending = sessionColumn('dropsSending');
const dropsReceiving = sessionColumn('dropsReceiving');

/** Id and counters of the session in `row`. */
export function sessionRow(snapshot: Snapshot, row: number): { id: number; traffic: SessionTraffic } {
  const base = row * sessionColumns.length;
  const at = (column: number): number => snapshot.sessions[base + column] ?? 0;
  return {
    id: at(sessionId),
    traffic: {
      bytesSent: at(bytesSent),
      bytesReceived: at(bytesReceived),
      packetsSent: at(packetsSent),
      packetsReceived: at(packetsReceived),
      dropsSending: at(dropsSending),
      dropsReceiving: at(dropsReceiving),
    },
  };
}

const connectionColumn = (name: ConnectionColumn): number => connectionColumns.indexOf(name);
const connectionId = connectionColumn('connectionId');
const connectionOpen = connectionColumn('open');
const bidirectional = connectionColumn('bidirectionalStreams');
const unidirectional = connectionColumn('unidirectionalStreams');
const firstDuration = connectionColumn('streams<=1s');
const secondsTotal = connectionColumn('streamSecondsTotal');

/** Id and stream counters of the connection in `row`, and whether it has not ended yet. */
export function connectionRow(
  snapshot: Snapshot,
  row: number,
): { id: number; open: boolean; streams: StreamTraffic } {
  const base = row * connectionColumns.length;
  const at = (column: number): number => snapshot.connections[base + column] ?? 0;
  return {
    id: at(connectionId),
    open: at(connectionOpen) !== 0,
    streams: {
      bidirectional: at(bidirectional),
      unidirectional: at(unidirectional),
      durations: Array.from({ length: streamDurationBounds.length + 1 }, (_, bin) => at(firstDuration + bin)),
      secondsTotal: at(secondsTotal),
    },
  };
}
