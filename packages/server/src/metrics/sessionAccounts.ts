import { sessionColumns, type SessionId, type Snapshot } from '@masque-vpn/engine';
import type { ClientAccount } from './clientRows.js';
import type { ConnectionAccount } from './connectionAccounts.js';
import type { Family } from './family.js';
import type { Registry } from './registry.js';
import { noTraffic, SeenRow, sessionColumn, type SessionTraffic } from './rows.js';

interface SessionAccount {
  readonly client: ClientAccount;
  readonly connection: ConnectionAccount;
  readonly seen: SeenRow;
}

const sessionId = sessionColumn('sessionId');
const queuedBytes = sessionColumn('queuedBytes');
const bytesSent = sessionColumn('bytesSent');
const bytesReceived = sessionColumn('bytesReceived');
const packetsSent = sessionColumn('packetsSent');
const packetsReceived = sessionColumn('packetsReceived');
const dropsSending = sessionColumn('dropsSending');
const dropsReceiving = sessionColumn('dropsReceiving');

/** Admitted sessions and what was seen of their rows. */
export class SessionAccounts {
  readonly #accounts = new Map<number, SessionAccount>();
  readonly #traffic: readonly (readonly [column: number, family: Family])[];
  readonly #bytesQueued: Family;

  constructor(registry: Registry) {
    this.#traffic = [
      [bytesSent, registry.family('bytesSent')],
      [bytesReceived, registry.family('bytesReceived')],
      [packetsSent, registry.family('packetsSent')],
      [packetsReceived, registry.family('packetsReceived')],
    ];
    this.#bytesQueued = registry.family('bytesQueued');
  }

  open(id: SessionId, client: ClientAccount, connection: ConnectionAccount): void {
    this.#accounts.set(id, { client, connection, seen: new SeenRow(sessionColumns.length) });
  }

  clientOf(id: SessionId): ClientAccount | null {
    return this.#accounts.get(id)?.client ?? null;
  }

  /** Credits what has grown in the session rows. */
  credit({ sessions, sessionRows }: Snapshot): void {
    let queued = 0;
    for (let base = 0; base < sessionRows * sessionColumns.length; base += sessionColumns.length) {
      queued += sessions[base + queuedBytes] ?? 0;
      const account = this.#accounts.get(sessions[base + sessionId] ?? 0);
      if (account === undefined) continue;
      const { seen, client } = account;
      for (const [column, family] of this.#traffic) {
        const growth = seen.growth(column, sessions[base + column] ?? 0);
        if (growth > 0) family.add(growth, 0, client.row);
      }
      seen.growth(dropsSending, sessions[base + dropsSending] ?? 0);
      seen.growth(dropsReceiving, sessions[base + dropsReceiving] ?? 0);
    }
    this.#bytesQueued.set(queued);
  }

  /** Forgets a session; null when it was never admitted. */
  remove(id: SessionId): { readonly account: SessionAccount; readonly traffic: SessionTraffic } | null {
    const account = this.#accounts.get(id);
    if (account === undefined) return null;
    const traffic = this.trafficOf(id);
    this.#accounts.delete(id);
    return { account, traffic };
  }

  /** Counters of a session when its row was last credited. */
  trafficOf(id: SessionId): SessionTraffic {
    const seen = this.#accounts.get(id)?.seen;
    if (seen === undefined) return noTraffic;
    return {
      bytesSent: seen.at(bytesSent),
      bytesReceived: seen.at(bytesReceived),
      packetsSent: seen.at(packetsSent),
      packetsReceived: seen.at(packetsReceived),
      dropsSending: seen.at(dropsSending),
      dropsReceiving: seen.at(dropsReceiving),
    };
  }

  get size(): number {
    return this.#accounts.size;
  }
}
