import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StepFailure } from '../../scripts/bootstrap/failure.mjs';
import { findProgram } from '../../scripts/bootstrap/program.mjs';
import { preparePrograms } from '../../scripts/bootstrap/systemPackages.mjs';
import { says, start } from '../daemon.mjs';
import { mustRun, outer } from '../network.mjs';

const inner = { client: '10.9.0.2', server: '10.9.0.1' };
const port = '1194';

/**
 * OpenVPN of the distribution, point to point, certificates by fingerprint, without the kernel's help (DCO).
 * @type {import('./peer.mjs').Peer}
 */
export const openVpn = {
  name: 'openvpn',
  build: async (progress) => {
    try {
      await preparePrograms(progress, ['openvpn'], 'wanted');
    } catch (error) {
      if (!(error instanceof StepFailure)) throw error;
    }
    return findProgram('openvpn') === null ? 'it is not installed; Debian: apt-get install openvpn' : null;
  },
  serve: async (directory) => {
    await makeKeys(directory);
    const daemon = start('server', [
      ...common(directory, 'server', 'client'),
      ...['--ifconfig', inner.server, inner.client, '--tls-server', '--dh', 'none', '--port', port],
    ]);
    await says(daemon, /UDPv4 link remote|link local/, 10_000);
    return { address: inner.server, daemon };
  },
  connect: async (directory) =>
    start('client', [
      ...common(directory, 'client', 'server'),
      ...['--ifconfig', inner.client, inner.server, '--tls-client', '--remote', outer.server, port],
    ]),
  sessions: null,
};

/** @param {string} directory @param {string} own @param {string} other */
function common(directory, own, other) {
  const { fingerprint256 } = new X509Certificate(readFileSync(join(directory, `${other}.pem`)));
  return [
    ...['openvpn', '--dev', `ovpn${own[0]}`, '--dev-type', 'tun', '--proto', 'udp', '--disable-dco'],
    ...['--cipher', 'AES-128-GCM', '--data-ciphers', 'AES-128-GCM', '--peer-fingerprint', fingerprint256],
    ...['--cert', join(directory, `${own}.pem`), '--key', join(directory, `${own}.key`)],
  ];
}

/** @param {string} directory */
async function makeKeys(directory) {
  if (existsSync(join(directory, 'client.pem'))) return;
  mkdirSync(directory, { recursive: true });
  for (const end of ['server', 'client']) {
    await mustRun('openssl', [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-subj', `/CN=${end}`, '-keyout', join(directory, `${end}.key`)],
      ...['-out', join(directory, `${end}.pem`)],
    ]);
  }
}
