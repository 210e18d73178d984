import { readFile } from 'node:fs/promises';
import { CertificateModel, RevokedCertificateModel } from '@masque-vpn/server/models';
import { commandFailed, type CommandResult, done } from '../commandResult.js';
import { exitCodes } from '../exitCode.js';
import type { Moment } from '../input/moment.js';
import { table } from '../output/table.js';
import { instant } from '../output/units.js';
import { apiPath } from './adminApi.js';
import type { AdminTools } from './adminContext.js';

/** Flags of `admin certificate list`. */
export interface CertificateFlags {
  readonly client?: string;
  readonly usable?: true;
}

/** Flags of `admin certificate import`. */
export interface ImportFlags {
  /** With a fingerprint: until when it is trusted. */
  readonly until?: Moment;
}

/** `masque-vpn admin certificate list` */
export async function listCertificates(flags: CertificateFlags, tools: AdminTools): Promise<CommandResult> {
  const { api, world, print } = tools;
  const { client, usable } = flags;
  const answer = await api.list(apiPath('certificates'), CertificateModel, { client, usable });
  if (!answer.ok) return answer;
  print({ items: answer.value }, ({ items }) =>
    items.length === 0
      ? 'There is no such certificate.\n'
      : table(
          ['client', 'state', 'from', 'until', 'origin', 'SHA-256'],
          items.map((certificate) => [
            certificate.client,
            stateText(certificate, world.now()),
            instant(certificate.notBeforeMs),
            instant(certificate.notAfterMs),
            certificate.origin,
            certificate.sha256,
          ]),
        ),
  );
  return done;
}

/** `masque-vpn admin certificate revoke SHA256` */
export async function revokeCertificate(
  sha256: string,
  { reason }: { readonly reason?: string },
  { api, print, confirm }: AdminTools,
): Promise<CommandResult> {
  const found = await api.call('GET', apiPath('certificates', sha256), CertificateModel);
  if (!found.ok) return found;
  const { client } = found.value;
  const sure = await confirm(`Revoke this certificate of ${client} for ever, and end its sessions?`);
  if (!sure.ok) return sure;
  const path = apiPath('certificates', sha256, 'revoke');
  const answer = await api.call('POST', path, RevokedCertificateModel, { body: { reason } });
  if (!answer.ok) return answer;
  print(answer.value, ({ sessionsEnded }) => {
    const ended = sessionsEnded === 1 ? '1 session is' : `${sessionsEnded} sessions are`;
    return `The certificate is refused from now on; ${ended} ended. To keep ${client} out whatever it presents: masque-vpn admin client disable ${client}\n`;
  });
  return done;
}

/** `masque-vpn admin certificate import CLIENT FILE|SHA256` */
export async function importCertificate(
  client: string,
  source: string,
  { until }: ImportFlags,
  { api, world, print }: AdminTools,
): Promise<CommandResult> {
  const body = await imported(client, source, until?.(world.now()));
  if (!body.ok) return body;
  const answer = await api.call('POST', apiPath('certificates'), CertificateModel, { body: body.value });
  if (!answer.ok) return answer;
  print(answer.value, ({ sha256, notAfterMs }) => {
    return `${client} may connect with the certificate ${sha256} until ${instant(notAfterMs)}.\n`;
  });
  return done;
}

async function imported(
  client: string,
  source: string,
  notAfterMs: number | undefined,
): Promise<CommandResult<object>> {
  const sha256 = source.replaceAll(':', '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(sha256)) {
    if (notAfterMs !== undefined) return { ok: true, value: { client, sha256, notAfterMs } };
    return wrong('A fingerprint does not say until when: add --until.');
  }
  if (notAfterMs !== undefined)
    return wrong('A certificate says itself until when: --until is for fingerprints.');
  try {
    return { ok: true, value: { client, certificatePem: await readFile(source, 'utf8') } };
  } catch (error) {
    return wrong(`${source} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

function wrong(message: string): CommandResult<never> {
  return commandFailed('CLI_INVALID_ARGUMENT', message, exitCodes.usage);
}

function stateText({ revokedAtMs, revocationReason, notAfterMs }: CertificateModel, now: number): string {
  if (revokedAtMs !== null) return revocationReason === null ? 'revoked' : `revoked: ${revocationReason}`;
  return now >= notAfterMs ? 'expired' : 'good';
}
