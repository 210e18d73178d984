/** A client as stored. */
export interface ClientRecord {
  /** UUIDv7, internal: what other records refer to. */
  readonly uuid: string;
  /** `client_id`: unique, immutable, `[a-z0-9-]{1,63}`; certificate CN, metric label. */
  readonly slug: string;
  readonly displayName: string;
  readonly enabled: boolean;
  /** UTC milliseconds. */
  readonly createdAt: number;
  /** UTC milliseconds from which the client is refused; null: never. */
  readonly expiresAt: number | null;
}

export interface ClientRepository {
  /** Null when the slug is taken. */
  create(client: NewClient): Promise<ClientRecord | null>;
  findBySlug(slug: string): Promise<ClientRecord | null>;
  findByUuid(uuid: string): Promise<ClientRecord | null>;
  /** In order of slug; `after` is the last slug of the page before. */
  list(page?: { readonly after?: string; readonly limit?: number }): Promise<readonly ClientRecord[]>;
  count(): Promise<{ readonly total: number; readonly enabled: number }>;
  /** Null when there is no such client. */
  update(uuid: string, change: ClientChange): Promise<ClientRecord | null>;
  /** Deletes the client and its certificates; its session history stays. False when there was none. */
  delete(uuid: string): Promise<boolean>;
}

export interface NewClient {
  readonly slug: string;
  /** Default: the slug. */
  readonly displayName?: string;
  /** Default: true. */
  readonly enabled?: boolean;
  readonly expiresAt?: number | null;
  /** UTC milliseconds. */
  readonly now: number;
}

export interface ClientChange {
  readonly displayName?: string;
  readonly enabled?: boolean;
  readonly expiresAt?: number | null;
}
