import type { ClientStatus } from '@masque-vpn/client/status';
import { facts } from '../output/table.js';
import { bytes, duration, instant } from '../output/units.js';

/** A client's status for people, several lines; `now` in UTC milliseconds. */
export function clientStatusText(status: ClientStatus, now: number): string {
  const { lastError } = status;
  const lines = facts([
    ['  state', `${status.state} for ${duration(now - status.sinceMs)}`],
    ['  interface', `${status.interface}${status.tunnelMtu === null ? '' : `, MTU ${status.tunnelMtu}`}`],
    ['  addresses', status.addresses.join(', ') || 'none'],
    ['  routes', status.routes.join(', ') || 'none'],
    ...dnsFacts(status),
    ['  connection', connection(status)],
    ['  traffic', `${bytes(status.bytesDown)} received, ${bytes(status.bytesUp)} sent`],
    ...(status.advertised.length === 0 ? [] : [['  advertises', status.advertised.join(', ')] as const]),
    ['  certificate', certificate(status)],
    ...(lastError === null
      ? []
      : [
          [
            '  last error',
            `${duration(now - lastError.atMs)} ago: ${lastError.message} (${lastError.code})`,
          ] as const,
        ]),
  ]);
  return `client ${status.client} of ${status.server}\n${lines}`;
}

/** What the server says about DNS; nothing where it says nothing. */
function dnsFacts({ dns }: ClientStatus): (readonly [string, string])[] {
  if (dns.length === 0) return [];
  const lines = dns.map(({ nameservers, internalDomains, searchDomains }) => {
    const servers = nameservers.map(({ addresses, name }) =>
      [...(name === null ? [] : [name]), ...addresses].join(' '),
    );
    const isForAll = internalDomains.length === 0 || internalDomains.includes('.');
    return [
      servers.join(', ') || 'no nameserver',
      ...(isForAll ? [] : [`for ${internalDomains.join(', ')}`]),
      ...(searchDomains.length === 0 ? [] : [`search domains ${searchDomains.join(', ')}`]),
    ].join('; ');
  });
  return [
    ...lines.map((line) => ['  DNS', line] as const),
    ['', 'told by the server; this client does not change the resolver of this machine yet'],
  ];
}

function connection({ remoteAddress, rttMs }: ClientStatus): string {
  if (remoteAddress === null) return 'none';
  return rttMs === null ? remoteAddress : `${remoteAddress}, ${rttMs.toFixed(1)} ms`;
}

function certificate({ certificate: { expiresAtMs, renewsAtMs, renewalError } }: ClientStatus): string {
  const until = `until ${instant(expiresAtMs)}`;
  if (renewsAtMs === null) return until;
  const next = `${renewalError === null ? 'renewed from' : 'next attempt'} ${instant(renewsAtMs)}`;
  if (renewalError === null) return `${until}, ${next}`;
  return `${until}, not renewed: ${renewalError.message} (${renewalError.code}), ${next}`;
}
