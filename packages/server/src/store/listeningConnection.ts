import { setTimeout as delay } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';

/** How often the connection is asked whether it still lives: a dead one says nothing by itself, milliseconds. */
const PROBE_MS = 10_000;

/** One connection to PostgreSQL that hears what is notified on a channel, for as long as it lasts. */
export class ListeningConnection {
  /** Settles, never rejects, when the connection was lost or closed. */
  readonly ended: Promise<void>;

  private constructor(ended: Promise<void>) {
    this.ended = ended;
  }

  /**
   * Hears everything from when it returns until it ends or `signal` aborts; rejects with the error of `pg`.
   *
   * @param channel an SQL identifier
   */
  static async open(
    config: ClientConfig,
    channel: string,
    onNotification: (payload: string) => void,
    signal: AbortSignal,
  ): Promise<ListeningConnection> {
    const client = new Client(config);
    const over = new AbortController();
    client.on('error', () => over.abort());
    client.on('end', () => over.abort());
    client.on('notification', ({ payload }) => onNotification(payload ?? ''));
    try {
      await client.connect();
      await client.query(`listen ${channel}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    return new ListeningConnection(guard(client, AbortSignal.any([signal, over.signal])));
  }
}

async function guard(client: Client, stop: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await delay(PROBE_MS, undefined, { signal: stop });
      await client.query('select 1');
    }
  } catch {
    // It is to stop, or it is dead.
  }
  await client.end().catch(() => undefined);
}
