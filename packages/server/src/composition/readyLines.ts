import { apiPlaces } from './apiPlaces.js';
import type { FrontState } from '../front/keeper.js';
import type { NetworkState } from '../process/networkKeeper.js';

/** What the person at the terminal wants to know once the server runs. */
export function readyLines(facts: {
  readonly version: string;
  readonly udpAddress: string;
  readonly apiAddress: string;
  readonly adminSocket: string;
  readonly publicHost: string;
  /** Fingerprint of the certificate authority, lower-case hex. */
  readonly caSha256: string;
  /** Whether the CLI finds the socket without being told. */
  readonly isDefaultSocket: boolean;
  readonly network: NetworkState;
  /** Where the master key was made just now; null: there was one. */
  readonly newMasterKey: string | null;
  /** Null: not wanted. */
  readonly front: FrontState | null;
}): readonly string[] {
  const { network } = facts;
  const port = facts.apiAddress.slice(facts.apiAddress.lastIndexOf(':') + 1);
  const tunnel = network.active
    ? [`  tunnel        ${network.network.tun.name}`]
    : [
        `  tunnel        not available: ${network.problem.message} (${network.problem.code})`,
        '                clients get 503 until it is; it is tried again every few seconds',
      ];
  const socket = facts.isDefaultSocket ? '' : ` --socket ${facts.adminSocket}`;
  return [
    `masque-vpn ${facts.version} is ready.`,
    `  listening on  UDP ${facts.udpAddress}, clients are told ${facts.publicHost}`,
    ...enrolmentLines(facts.front),
    ...tunnel,
    ...webLines(facts),
    `  metrics       http://127.0.0.1:${port}/metrics`,
    `  health        http://127.0.0.1:${port}/health`,
    `  new client    masque-vpn admin client add NAME${socket}`,
    ...masterKeyLines(facts.newMasterKey),
  ];
}

function webLines({
  apiAddress,
  publicHost,
  caSha256,
}: {
  readonly apiAddress: string;
  readonly publicHost: string;
  readonly caSha256: string;
}): readonly string[] {
  const { remote, local, tunnel } = apiPlaces(apiAddress, publicHost);
  return [
    ...(remote === null ? [`  web           ${local}/`] : [`  web           ${remote}/, here ${local}/`]),
    `                with ${tunnel} on another machine, ${local}/ leads here from there`,
    `  authority     SHA-256 ${caSha256}`,
  ];
}

function enrolmentLines(front: FrontState | null): readonly string[] {
  if (front === null) return [];
  if (front.address !== null) return [`  enrolment     TCP ${front.address}`];
  return [
    `  enrolment     not available: ${front.problem?.message ?? ''} (${front.problem?.code ?? ''})`,
    '                links and renewal work once the port is free; it is tried again every 30 seconds',
  ];
}

/** Said once: from then on it is up to whoever read it. */
function masterKeyLines(file: string | null): readonly string[] {
  if (file === null) return [];
  return [
    `  master key    ${file} was made just now. Copy it to a safe place: without it`,
    '                no backup of the database is of use. It encrypts the key of the certificate authority;',
    '                whoever gets both has the authority. Beside the database it protects backups only: to keep it',
    '                apart, move it and name it in [pki] key_file, or give it as systemd credential "master-key".',
  ];
}
