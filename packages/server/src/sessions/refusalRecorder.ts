import type { ClientRecord } from '../store/clients.js';
import { uuidV7 } from '../store/uuid.js';
import type { HistoryRecorder } from './historyRecorder.js';
import type { RefusedRequest, SessionObserver } from './observer.js';

/** Records of one client at once, and how long it takes until there is room for one more. */
const burst = 10;
const refillMs = 60_000;

/** Clients remembered before those with all their room again are forgotten. */
const rememberedClients = 10_000;

interface Room {
  tokens: number;
  atMs: number;
}

/** Writes refused requests of known clients into the history: of a client that asks again and again only some. */
export class RefusalRecorder implements SessionObserver {
  readonly #history: Pick<HistoryRecorder, 'refused'>;
  readonly #findClient: (slug: string) => Pick<ClientRecord, 'uuid'> | null;
  readonly #then: (request: RefusedRequest) => void;
  readonly #rooms = new Map<string, Room>();

  /** @param then hears of those that are recorded */
  constructor(
    history: Pick<HistoryRecorder, 'refused'>,
    findClient: (slug: string) => Pick<ClientRecord, 'uuid'> | null,
    then: (request: RefusedRequest) => void = () => undefined,
  ) {
    this.#history = history;
    this.#findClient = findClient;
    this.#then = then;
  }

  refused(request: RefusedRequest): void {
    const { clientId, code, remoteAddress, atMs } = request;
    const client = this.#findClient(clientId);
    if (client === null || !this.#take(client.uuid, atMs)) return;
    this.#history.refused({
      uuid: uuidV7(atMs),
      clientUuid: client.uuid,
      clientSlug: clientId,
      remoteAddress,
      startedAt: atMs,
      refusal: code,
    });
    this.#then(request);
  }

  /** Clients that are remembered. */
  get size(): number {
    return this.#rooms.size;
  }

  #take(clientUuid: string, atMs: number): boolean {
    const room = this.#rooms.get(clientUuid) ?? { tokens: burst, atMs };
    const refilled = Math.floor(Math.max(0, atMs - room.atMs) / refillMs);
    if (refilled > 0) {
      room.tokens = Math.min(burst, room.tokens + refilled);
      room.atMs += refilled * refillMs;
    }
    this.#rooms.set(clientUuid, room);
    if (this.#rooms.size > rememberedClients) this.#forget(atMs);
    if (room.tokens === 0) return false;
    room.tokens -= 1;
    return true;
  }

  #forget(atMs: number): void {
    for (const [uuid, room] of this.#rooms) {
      if (atMs - room.atMs >= burst * refillMs) this.#rooms.delete(uuid);
    }
  }
}
