import type { EnrolmentTrust, ServerTrust } from '@masque-vpn/protocol';

/** How clients reach this server. */
export interface Endpoint {
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  /** Of the tunnel over UDP, and of enrolment over TCP. */
  readonly port: number;
  /** URI template of the tunnel. */
  readonly url: string;
  /** Addresses to try where the host does not resolve. */
  readonly addressHints: readonly string[];
}

/** What a client is told besides its certificate. */
export interface ClientBriefing {
  /** @param host instead of the configured one; null: that one */
  endpoint(host: string | null): Endpoint;
  /** What it trusts the server by. */
  readonly trust: ServerTrust;
  /** By what it knows the server before. */
  readonly linkTrust: EnrolmentTrust;
}
