/** What the server wants of its host; prefixes and addresses are canonical text. */
export interface ServerNetworkSettings {
  readonly tun: { readonly name: string; readonly mtu: number; readonly offload: boolean };
  /** Prefixes clients get addresses from, both families. */
  readonly pools: readonly string[];
  /** The server's own tunnel address per family; null where the family has no pool. */
  readonly gateways: { readonly ipv4: string | null; readonly ipv6: string | null };
  /** False: open the TUN and leave addresses, forwarding and filters to somebody else. */
  readonly manage: boolean;
  /** Rewrite clients' addresses to the server's own when they leave by another interface. */
  readonly nat: boolean;
  /** Clients may reach services on the server itself. */
  readonly hostAccess: boolean;
  /** File that remembers the changes while they are in place; its folder exists. */
  readonly journalPath: string;
}
