import { isIP, type LookupFunction, type TcpNetConnectOpts } from 'node:net';
import { type ConnectionOptions, rootCertificates } from 'node:tls';

/** The server's public TCP port: enrolment and renewal. Its number is that of the tunnel's UDP port. */
export interface PublicPort {
  /** Name or address that the server's certificate must be valid for; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Where to connect to, most promising first; at least one. */
  readonly addresses: readonly string[];
}

/** Certificates of authorities, PEM, that may vouch for the server; each counts, also one that is not self-signed. */
export type Anchors = readonly string[];

/** What a profile or an answer trusts: its own anchors, and the public authorities Node.js knows where it says so. */
export function anchorsOf(anchorsPem: string, systemRoots: boolean): Anchors {
  return systemRoots ? [anchorsPem, ...rootCertificates] : [anchorsPem];
}

/** `vpn.example.org:443`, `[2001:db8::1]:443` */
export function portName({ host, port }: Pick<PublicPort, 'host' | 'port'>): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * How to reach the port with `tls.connect`: the addresses race (RFC 8305), the name goes into SNI and is what the
 * certificate is checked for. A socket to these addresses passes the tunnel by: their routes do (CIP-809).
 */
export function tlsTarget({ host, port, addresses }: PublicPort): ConnectionOptions & TcpNetConnectOpts {
  const entries = addresses.map((address) => ({ address, family: isIP(address) }));
  const lookup: LookupFunction = (_name, { all }, callback) => {
    const [first] = entries;
    if (first === undefined) callback(new Error('no address'), []);
    else if (all === true) callback(null, entries);
    else callback(null, first.address, first.family);
  };
  return {
    host,
    port,
    lookup,
    autoSelectFamily: true,
    servername: isIP(host) === 0 ? host : '',
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.3',
  };
}
