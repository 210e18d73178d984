import { congestionControls, mostWorkers } from '@masque-vpn/engine';
import { z } from 'zod';
import { acmeSection } from './acme.js';
import { logFormats, logLevels } from './config.js';
import { oidcSection } from './oidc.js';

/**
 * `server.toml` as it is written: names, types, ranges, defaults and what they mean. The default file, the reference
 * in `docs/configuration.md` and every message about a value derive from this.
 */
export const serverTomlSchema = z.strictObject({
  server: section('Where clients find the server, and where it keeps its things.', {
    listen: z
      .string()
      .default('[::]:443')
      .describe('UDP address for HTTP/3. "[::]" takes IPv4 and IPv6; port 0 picks a free one.'),
    host: z
      .string()
      .default('')
      .describe(
        'Public name or address of this server, for its certificate and for client profiles. Empty: the address ' +
          'packets to the internet leave from, else the name of the machine.',
      ),
    path: z
      .string()
      .default('/.well-known/masque/ip/{target}/{ipproto}/')
      .describe('Path of the tunnel endpoint, a URI template (RFC 9484 section 3).'),
    state_dir: z
      .string()
      .default('')
      .describe(
        'Folder for what must survive: database, certificate authority, journal of host changes. Empty: ' +
          '/var/lib/masque-vpn as root, otherwise $XDG_STATE_HOME/masque-vpn or ~/.local/state/masque-vpn.',
      ),
    runtime_dir: z
      .string()
      .default('')
      .describe(
        'Folder for the administration socket. Empty: /run/masque-vpn as root, otherwise ' +
          '$XDG_RUNTIME_DIR/masque-vpn, or state_dir without that.',
      ),
    certificate: z
      .string()
      .default('')
      .describe(
        'File with a certificate of your own for this server, PEM: the server’s first, then its issuers. It is read ' +
          'again when it changes. Empty: the built-in authority makes one and renews it.',
      ),
    key: z.string().default('').describe('File with the key of that certificate, PEM without passphrase.'),
    tunnel_certificate: z
      .enum(['authority', 'own'])
      .default('authority')
      .describe(
        'What tunnels and enrolment show. "authority": the built-in authority’s, which every client trusts; your own, ' +
          'or the one by ACME, is for browsers at administration. "own": that one everywhere, for software that knows ' +
          'public authorities only; clients that enrolled before it have to enrol anew.',
      ),
  }),
  front: section('The public TCP port, with the number of the UDP port: enrolment and renewal of clients.', {
    enabled: z
      .boolean()
      .default(true)
      .describe('false: no client can enrol by link or renew its certificate over the network.'),
  }),
  acme: section(
    'A certificate for this server from a public authority by ACME (RFC 8555), renewed by itself.',
    acmeSection,
  ),
  pki: section('The built-in certificate authority.', {
    key_file: z
      .string()
      .default('')
      .describe(
        'File with the master key, which encrypts the authority’s key and other secrets of the database; its first ' +
          'line counts. The environment variable MASQUE_VPN_MASTER_KEY and the systemd credential "master-key" win ' +
          'over it. Empty: master.key in state_dir, made at the first start.',
      ),
    client_days: wholeNumber(1, 825)
      .default(30)
      .describe('How long the certificates of clients are valid; clients renew them after two thirds.'),
  }),
  auth: section('Who may connect besides clients with a certificate.', {
    client_tokens: z
      .boolean()
      .default(false)
      .describe(
        'Let in clients that cannot present a certificate but have a token (Authorization: Bearer …). Whoever sees ' +
          'a token can use it.',
      ),
  }),
  store: section('The database. One server needs none; several servers share one PostgreSQL.', {
    url: z
      .string()
      .default('')
      .describe(
        'Empty: an SQLite file in state_dir. "postgres://USER@HOST/DATABASE" for PostgreSQL 13 or newer; ' +
          '"?sslmode=…" says how it is encrypted, "?host=/run/postgresql" leads to a Unix socket.',
      ),
    password_file: z
      .string()
      .default('')
      .describe(
        'File with the password for PostgreSQL, read at every connection. Empty: the one of the environment ' +
          'variable PGPASSWORD, if there is one.',
      ),
    history_days: wholeNumber(1, 3_650)
      .default(90)
      .describe('How long ended sessions and refused requests stay in the history.'),
  }),
  tunnel: section('The network interface that client traffic passes, and how it is sent to clients.', {
    name: z.string().default('masque0').describe('Name of the TUN interface, at most 15 characters.'),
    mtu: wholeNumber(576, 65_535)
      .default(1_400)
      .describe('Bytes of the largest packet inside the tunnel; at least 1280 with an IPv6 pool (RFC 8200).'),
    offload: z
      .boolean()
      .default(true)
      .describe('Let the kernel pass large segments at once. Turn it off only to look for a fault.'),
    congestion_control: z
      .enum(congestionControls)
      .default('adaptive')
      .describe(
        'What limits how fast the server sends: "adaptive" keeps queues short, holds its speed where packets get lost ' +
          'and shares a line with others, "bbr" takes most of a line, "cubic" behaves like ordinary TCP.',
      ),
    workers: wholeNumber(0, mostWorkers)
      .default(1)
      .describe(
        'Threads that move packets, which share the clients. 0: as many as there are cores for the server, at most 64.',
      ),
  }),
  pool: section('Addresses for clients. The first usable one of a family is the server itself.', {
    ipv4: z
      .array(z.string())
      .default(['10.89.0.0/16'])
      .describe('IPv4 prefixes; empty: no IPv4 in the tunnel.'),
    ipv6: z
      .array(z.string())
      .default(['fd4d:5156:504e::/64'])
      .describe('IPv6 prefixes; empty: no IPv6 in the tunnel.'),
    quarantine_seconds: wholeNumber(0, 86_400)
      .default(60)
      .describe('How long an address rests before another client can get it.'),
  }),
  routes: section('What clients reach through the tunnel.', {
    advertise: z
      .array(z.string())
      .max(1_024)
      .default(['0.0.0.0/0', '::/0'])
      .describe('Prefixes. "0.0.0.0/0" and "::/0" together are the whole internet.'),
  }),
  network: section('What the server changes on its host; all of it is undone on exit.', {
    manage: z
      .boolean()
      .default(true)
      .describe('Set up the interface, forwarding and firewall. false: somebody else does.'),
    nat: z
      .boolean()
      .default(true)
      .describe(
        'Clients appear with the address of the server. false: the network routes the pools back here.',
      ),
    host_access: z
      .boolean()
      .default(false)
      .describe('Clients may reach services on the server itself. Its tunnel address always answers ping.'),
  }),
  sessions: section('Limits of tunnels.', {
    idle_timeout_seconds: wholeNumber(1, 600)
      .default(30)
      .describe('A client that was silent this long is gone.'),
    per_client: wholeNumber(1, 10_000)
      .default(8)
      .describe('Open tunnels of one client, all its devices together.'),
    per_connection: wholeNumber(1, 1_000).default(16).describe('Open tunnels of one QUIC connection.'),
    max: wholeNumber(1, 1_000_000).default(10_000).describe('Open tunnels of all clients.'),
    drain_seconds: wholeNumber(0, 600)
      .default(10)
      .describe('How long a stopping server waits for tunnels to end.'),
  }),
  api: section('Administration and metrics.', {
    listen: z
      .string()
      .default('[::]:8080')
      .describe(
        'TCP address of administration. Over TLS everything is there; without TLS /metrics and /health for ' +
          'everybody, everything else for this machine only.',
      ),
    session_idle_minutes: wholeNumber(1, 10_080)
      .default(60)
      .describe('An administrator who did nothing for this long has to sign in again.'),
    session_hours: wholeNumber(1, 720)
      .default(12)
      .describe('An administrator has to sign in again after this time in any case.'),
  }),
  oidc: section('Sign-in by an OpenID Connect provider.', oidcSection),
  metrics: section('Metrics.', {
    per_client: z
      .boolean()
      .default(true)
      .describe('Metrics per client. false: all clients count together, under client_id="_other".'),
    client_ceiling: wholeNumber(0, 1_000_000)
      .default(10_000)
      .describe(
        'Clients that have metrics of their own at a time, about 30 series each; those beyond count under ' +
          'client_id="_other".',
      ),
    retention_minutes: wholeNumber(15, 10_080)
      .default(15)
      .describe('How long the metrics of a client stay after its last tunnel ended.'),
    token_file: z
      .string()
      .default('')
      .describe(
        'File whose first line /metrics asks for as "Authorization: Bearer …" (bearer_token_file of Prometheus). ' +
          'Empty: everybody who reaches the port may read /metrics.',
      ),
  }),
  webhooks: section('Calls to other systems when something happens.', {
    allow_private: z
      .boolean()
      .default(false)
      .describe(
        'Let webhooks call this machine and private networks. Whoever may make webhooks can then reach services ' +
          'there that nobody else can.',
      ),
  }),
  log: section('Logging, to standard error.', {
    level: z.enum(logLevels).default('info').describe('The least important that is written.'),
    format: z
      .enum(logFormats)
      .default('auto')
      .describe('"auto" is "pretty" on a terminal and "json" otherwise.'),
  }),
});

/** The file after defaults. */
export type ServerToml = z.output<typeof serverTomlSchema>;

/** A file, or what wins over one: everything may be left out. */
export type PartialServerToml = z.input<typeof serverTomlSchema>;

function section<Shape extends z.core.$ZodShape>(
  description: string,
  shape: Shape,
): z.ZodPrefault<z.ZodObject<Shape, z.core.$strict>> {
  // `{}` is a section without keys: zod then fills every default in.
  return z
    .strictObject(shape)
    .prefault({} as z.input<z.ZodObject<Shape, z.core.$strict>>)
    .describe(description);
}

function wholeNumber(least: number, most: number): z.ZodInt {
  return z.int().min(least).max(most);
}
