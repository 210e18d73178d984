import { type AuthorityModel, PkiModel, RetiredAuthorityModel } from '@masque-vpn/server/models';
import { type CommandResult, done } from '../commandResult.js';
import { facts, table } from '../output/table.js';
import { instant } from '../output/units.js';
import { apiPath } from './adminApi.js';
import type { AdminTools } from './adminContext.js';

/** `masque-vpn admin ca show` */
export async function showAuthorities({ api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('GET', apiPath('pki'), PkiModel);
  if (!answer.ok) return answer;
  print(answer.value, pkiText);
  return done;
}

/** `masque-vpn admin ca rollover` */
export async function rollover({ api, print, confirm }: AdminTools): Promise<CommandResult> {
  const sure = await confirm(
    'Make a new certificate authority? Clients learn of it with their next renewal; both are trusted until the old one is retired.',
  );
  if (!sure.ok) return sure;
  const answer = await api.call('POST', apiPath('pki', 'rollover'), PkiModel);
  if (!answer.ok) return answer;
  print(
    answer.value,
    (pki) =>
      `${pkiText(pki)}\nWhen the old one is needed no longer (above): masque-vpn admin ca retire SHA256\n`,
  );
  return done;
}

/** `masque-vpn admin ca retire SHA256` */
export async function retireAuthority(
  sha256: string,
  { api, print, confirm }: AdminTools,
): Promise<CommandResult> {
  const sure = await confirm(
    `Trust the authority ${sha256.slice(0, 16)}… no longer? Clients that still depend on it are disconnected and must enrol anew.`,
  );
  if (!sure.ok) return sure;
  const path = apiPath('pki', 'authorities', sha256, 'retire');
  const answer = await api.call('POST', path, RetiredAuthorityModel);
  if (!answer.ok) return answer;
  print(answer.value, ({ certificatesRevoked, sessionsEnded }) => {
    return `It is retired; certificates revoked with it: ${certificatesRevoked}, sessions ended: ${sessionsEnded}.\n`;
  });
  return done;
}

function pkiText({ authorities, systemRoots, serverCertificate, masterKey }: PkiModel): string {
  const list = table(
    ['authority', 'state', 'until', 'still needed for'],
    authorities.map((authority) => [
      authority.sha256,
      stateText(authority),
      instant(authority.notAfterMs),
      neededFor(authority),
    ]),
  );
  const source = serverCertificate.source === 'authority' ? 'of this authority' : 'brought along';
  const rest = facts([
    ['server certificate', `${source}, until ${instant(serverCertificate.notAfterMs)}`],
    ['public authorities', systemRoots ? 'trusted by clients as well' : 'not trusted by clients'],
    ['master key', masterKeyText(masterKey.source)],
  ]);
  return `${list}\n${rest}`;
}

function stateText({ retiredAtMs, issuing, serving }: AuthorityModel): string {
  if (retiredAtMs !== null) return 'retired';
  const does = [...(issuing ? ['certifies clients'] : []), ...(serving ? ['certifies the server'] : [])];
  return does.join(', ') || 'trusted';
}

function neededFor({ dependents }: AuthorityModel): string {
  if (dependents === null) return 'nothing';
  const { certificates, lastExpiryMs, enrolments } = dependents;
  const needs = [
    ...(certificates === 0
      ? []
      : [
          `${counted(certificates, 'certificate')}${lastExpiryMs === null ? '' : ` until ${instant(lastExpiryMs)}`}`,
        ]),
    ...(enrolments === 0 ? [] : [counted(enrolments, 'link')]),
  ];
  return needs.join(', ') || 'nothing';
}

function masterKeyText(source: PkiModel['masterKey']['source']): string {
  switch (source) {
    case 'environment':
      return 'from the environment';
    case 'credential':
      return 'a credential of systemd';
    case 'configured':
      return 'the configured file';
    case 'stateFolder':
      return 'a file beside the database: whoever copies the folder has both';
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
