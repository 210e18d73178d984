import { sessionColumns, type SessionId, type Snapshot } from '@masque-vpn/engine';
import type { ClientAccount } from './clientRows.js';
import type { ConnectionAccount } from './connectionAccounts.js';
import type { Family } from './family.js';
import type { Registry } from './registry.js';
import { noTraffic, SeenRows, sessionColumn, type SessionTraffic } from './rows.js';

interface SessionAccount {
  readonly client: ClientAccount;
  readonly connection: ConnectionAccount;
  /** Its row in what was seen. */
  readonly place: number;
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
  readonly #seen = new SeenRows(sessionColumns.length);
  readonly #traffic: readonly (readonly [column: number, family: Family])[];
  readonly #bytesQueued: Family;
  /** Of all sessions there were, column by column of `#traffic`. */
  readonly #totals = [0, 0, 0, 0];

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
    this.#accounts.set(id, { client, connection, place: this.#seen.take() });
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
      const { place, client } = account;
      for (const [index, [column, family]] of this.#traffic.entries()) {
        const growth = this.#seen.growth(place, column, sessions[base + column] ?? 0);
        if (growth === 0) continue;
        family.add(growth, 0, client.row);
        this.#totals[index] = (this.#totals[index] ?? 0) + growth;
      }
      this.#seen.growth(place, dropsSending, sessions[base + dropsSending] ?? 0);
      this.#seen.growth(place, dropsReceiving, sessions[base + dropsReceiving] ?? 0);
    }
    this.#bytesQueued.set(queued);
  }

  /** Forgets a session; null when it was never admitted. */
  remove(id: SessionId): { readonly account: SessionAccount; readonly traffic: SessionTraffic } | null {
    const account = this.#accounts.get(id);
    if (account === undefined) return null;
    const traffic = this.trafficOf(id);
    this.#accounts.delete(id);
    this.#seen.free(account.place);
    return { account, traffic };
  }

  /** Counters of a session when its row was last credited. */
  trafficOf(id: SessionId): SessionTraffic {
    const place = this.#accounts.get(id)?.place;
    if (place === undefined) return noTraffic;
    const at = (column: number): number => this.#seen.at(place, column);
    return {
      bytesSent: at(bytesSent),
      bytesReceived: at(bytesReceived),
      packetsSent: at(packetsSent),
      packetsReceived: at(packetsReceived),
      dropsSending: at(dropsSending),
      dropsReceiving: at(dropsReceiving),
    };
  }

  /** What all sessions there were have sent and received. */
  get totals(): Pick<SessionTraffic, 'bytesSent' | 'bytesReceived' | 'packetsSent' | 'packetsReceived'> {
    const [sent = 0, received = 0, packetsOut = 0, packetsIn = 0] = this.#totals;
    return { bytesSent: sent, bytesReceived: received, packetsSent: packetsOut, packetsReceived: packetsIn };
  }

  get size(): number {
    return this.#accounts.size;
  }
}
