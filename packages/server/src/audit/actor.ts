/** Who did something that is worth remembering. */
export interface Actor {
  /**
   * `local`: root on the Unix socket; `client`: a VPN client about itself; `person`: signed in by OIDC for their own
   * devices; `anonymous`: nobody yet, for instance before a login; `system`: the server by itself.
   */
  readonly kind: ActorKind;
  /** Name of the administrator or token, slug of the client; `root` and `server` for `local` and `system`. */
  readonly name: string;
  /** Where it came from; null: this machine. */
  readonly remoteAddress: string | null;
}

export const actorKinds = [
  'administrator',
  'token',
  'local',
  'person',
  'client',
  'anonymous',
  'system',
] as const;
export type ActorKind = (typeof actorKinds)[number];

/** The server itself: expiry, migration, first start. */
export const systemActor: Actor = { kind: 'system', name: 'server', remoteAddress: null };

/** Whoever may open the administration socket. */
export const localActor: Actor = { kind: 'local', name: 'root', remoteAddress: null };

/** Who changes something, and which version of it they saw; null: any. */
export interface By {
  readonly actor: Actor;
  readonly version: number | null;
}
