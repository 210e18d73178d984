import { type CongestionControl, congestionControls } from '@masque-vpn/engine';
import { classifyAddress, parsePrefix, type Prefix } from '@masque-vpn/protocol';
import { z } from 'zod';

/** What one client needs to reach one server, as written by `masque-vpn enroll` and `admin client add`. */
export interface Profile {
  /** The client's immutable id on the server, `[a-z0-9-]{1,63}`. */
  readonly client: string;
  /** URI template of the server's tunnel path (RFC 9484 §3), or `HOST:PORT` for the default path (CIP-203). */
  readonly url: string;
  /** IP address to connect to instead of resolving the host of `url`. */
  readonly address: string | null;
  /** Trust anchors for the server's certificate, PEM. */
  readonly ca: string;
  /** Public authorities, those of Node.js, are trusted for the server's certificate as well. */
  readonly systemRoots: boolean;
  /** The client's certificate chain, leaf first, PEM. */
  readonly certificate: string;
  /** The key of the leaf, PEM (PKCS #8). */
  readonly privateKey: string;
  readonly tunnel: TunnelPreferences;
}

/** What the owner of a profile wants of the tunnel, whatever the server offers. */
export interface TunnelPreferences {
  /** Interface name, 1–15 bytes; null is `masque-<client>`, cut. */
  readonly name: string | null;
  /** Upper bound of the interface's MTU in bytes; null leaves it to the path. */
  readonly mtu: number | null;
  /** Prefixes that may be routed into the tunnel (CIP-808); null is whatever the server advertises. */
  readonly routes: readonly string[] | null;
  /** Prefixes that stay outside (CIP-808). */
  readonly exclude: readonly string[];
  /** Networks behind this machine that it offers the server, and forwards for (CIP-717). */
  readonly advertise: readonly string[];
  /** What limits how fast this machine sends. */
  readonly congestionControl: CongestionControl;
}

/** What somebody wants who wants nothing in particular. */
export const defaultTunnel: TunnelPreferences = {
  name: null,
  mtu: null,
  routes: null,
  exclude: [],
  advertise: [],
  congestionControl: 'adaptive',
};

/** Networks one client offers, at most. */
const mostAdvertised = 64;

const pem = (label: string, what: string) =>
  z
    .string()
    .refine(
      (text) => text.includes(`-----BEGIN ${label}-----`) && text.includes(`-----END ${label}-----`),
      `must be ${what} in PEM form, from "-----BEGIN ${label}-----" to "-----END ${label}-----"`,
    );

/** The profile file's content, snake_case as in the file. */
export const profileSchema = z.strictObject({
  version: z.literal(1, 'must be 1: this masque-vpn reads profiles of version 1 only'),
  client: z.string().regex(/^[a-z0-9-]{1,63}$/, 'must be 1 to 63 of the characters a-z, 0-9 and "-"'),
  url: z.string().min(1),
  address: z.union([z.ipv4(), z.ipv6()], 'must be an IPv4 or IPv6 address').optional(),
  ca: pem('CERTIFICATE', 'the certificate of the server’s authority'),
  system_roots: z.boolean().optional(),
  certificate: pem('CERTIFICATE', 'the client certificate'),
  private_key: pem('PRIVATE KEY', 'the client’s private key'),
  tunnel: z
    .strictObject({
      name: z
        .string()
        .regex(/^(?!\.{1,2}$)[!-.0-~]{1,15}$/, 'must be 1 to 15 printable characters without space and "/"')
        .optional(),
      mtu: z.int().min(576).max(65_535).optional(),
      routes: z.array(prefix()).optional(),
      exclude: z.array(prefix()).optional(),
      advertise: z.array(prefix(networkBehind)).max(mostAdvertised).optional(),
      congestion_control: z
        .enum(congestionControls, `must be one of ${congestionControls.join(', ')}`)
        .optional(),
    })
    .optional(),
});

/** An IP prefix that `objection` has nothing against; a message of the parser's says what to write instead. */
function prefix(objection: (prefix: Prefix) => string | null = () => null) {
  return z.string().superRefine((text, context) => {
    const parsed = parsePrefix(text);
    const message = parsed.ok ? objection(parsed.value) : `is no prefix: ${parsed.error.message}`;
    if (message !== null) context.addIssue({ code: 'custom', message });
  });
}

/** What a machine can lead to: the whole Internet is no network behind it. */
function networkBehind({ address, length }: Prefix): string | null {
  if (length === 0) return 'must name networks behind this machine, not everything';
  const kind = classifyAddress(address);
  return kind === 'private' || kind === 'global' ? null : `must name networks that can be routed to: ${kind}`;
}

/** The longest name Linux gives an interface, bytes without the final zero (IFNAMSIZ). */
const longestInterfaceName = 15;

/** The tunnel interface's name: the profile's, or `masque-<client>` cut to 15 bytes. */
export function interfaceName(profile: Profile): string {
  return profile.tunnel.name ?? `masque-${profile.client}`.slice(0, longestInterfaceName);
}
