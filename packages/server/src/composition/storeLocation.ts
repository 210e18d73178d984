import { join } from 'node:path';
import type { ServerConfig } from '../config/config.js';
import type { StoreLocation } from '../store/store.js';

/** Where the configuration wants the database. */
export function storeLocation({ server, store }: Pick<ServerConfig, 'server' | 'store'>): StoreLocation {
  return store.kind === 'sqlite' ? { ...store, file: join(server.stateDir, 'masque-vpn.sqlite') } : store;
}
