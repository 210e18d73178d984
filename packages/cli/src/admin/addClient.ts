import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { makeClientKey } from '@masque-vpn/client/enrolment';
import { defaultTunnel, ProfileDraft, type Profile } from '@masque-vpn/client/profile';
import { ClientIdSchema, CreatedClientModel } from '@masque-vpn/server/models';
import { commandFailed, type CommandResult, done } from '../commandResult.js';
import { exitCodes } from '../exitCode.js';
import type { Moment } from '../input/moment.js';
import { apiPath } from './adminApi.js';
import type { AdminTools } from './adminContext.js';
import { linkText } from './linkText.js';

/** Flags of `admin client add`. */
export interface AddFlags {
  readonly out?: string;
  readonly host?: string;
  readonly address?: string;
  readonly group?: readonly string[];
  readonly displayName?: string;
  readonly note?: string;
  readonly expires?: Moment;
  /** Make an enrolment link instead of a profile. */
  readonly link?: true;
  readonly hours?: number;
  /** With `--no-qr` false. */
  readonly qr?: boolean;
}

/** `masque-vpn admin client add NAME` */
export async function addClient(name: string, flags: AddFlags, tools: AdminTools): Promise<CommandResult> {
  const wrong = wrongArgument(name, flags);
  if (wrong !== null) return commandFailed('CLI_INVALID_ARGUMENT', wrong, exitCodes.usage);
  return flags.link === true ? addByLink(name, flags, tools) : addByProfile(name, flags, tools);
}

/** The client’s own machine makes the key, and redeems the link for its certificate. */
async function addByLink(name: string, flags: AddFlags, tools: AdminTools): Promise<CommandResult> {
  const { hours: lifetimeHours } = flags;
  const created = await create(name, flags, { enrolment: { lifetimeHours } }, tools);
  if (!created.ok) return created;
  const { enrolment } = created.value;
  if (enrolment === null) return noEnrolment(name);
  tools.print({ client: created.value.client, enrolment }, () =>
    linkText(name, enrolment, { qr: flags.qr !== false, world: tools.world }),
  );
  return done;
}

/**
 * Makes key and request here, lets the server certify it and writes the profile. The place of the profile is made sure
 * of first: no client is created whose key would then be lost.
 */
async function addByProfile(name: string, flags: AddFlags, tools: AdminTools): Promise<CommandResult> {
  const path = resolve(flags.out ?? `${name}.toml`);
  const draft = await ProfileDraft.at(path);
  if (!draft.ok) return { ok: false, error: { ...draft.error, exit: exitCodes.usage } };
  await using file = draft.value;
  const key = await makeClientKey(name);
  const created = await create(name, flags, { csrPem: key.csrPem }, tools);
  if (!created.ok) return created;
  const profile = profileOf(created.value, key.privateKeyPem, flags);
  const written = await file.write(path, profile);
  if (!written.ok) {
    const message = `${written.error.message} ${name} exists on the server now: remove it and add it again.`;
    return { ok: false, error: { code: written.error.code, message, exit: exitCodes.failure } };
  }
  tools.print({ client: created.value.client, profile: path, url: profile.url }, () =>
    nextStep(name, path, profile.url),
  );
  return done;
}

async function create(
  name: string,
  { host, group, displayName, note, expires }: AddFlags,
  way: object,
  { api, world }: AdminTools,
): Promise<CommandResult<CreatedClientModel>> {
  const expiresAtMs = expires?.(world.now());
  const body = { name, host, groups: group, displayName, note, expiresAtMs, ...way };
  return api.call('POST', apiPath('clients'), CreatedClientModel, { body });
}

function wrongArgument(name: string, { address, link, out, hours }: AddFlags): string | null {
  const checked = ClientIdSchema.safeParse(name);
  if (!checked.success) return `The name of a client ${checked.error.issues[0]?.message ?? 'is wrong'}.`;
  if (address !== undefined && isIP(address) === 0) return `--address takes an IP address, not "${address}".`;
  if (link === true && (out !== undefined || address !== undefined)) {
    return '--out and --address belong to a profile: with --link the client’s machine writes it.';
  }
  if (link !== true && hours !== undefined) return '--hours is the life of a link: it needs --link.';
  return null;
}

function profileOf(created: CreatedClientModel, privateKey: string, flags: AddFlags): Profile {
  return {
    client: created.client.id,
    url: created.url,
    address: flags.address ?? null,
    ca: created.caPem,
    // Always there in answer to a request for one.
    certificate: created.certificatePem ?? '',
    privateKey,
    systemRoots: false,
    tunnel: defaultTunnel,
  };
}

function nextStep(name: string, path: string, url: string): string {
  return [
    `${name} may connect to ${new URL(url.replaceAll(/[{}]/g, '')).host}.`,
    `Its profile, with the only copy of its private key, is ${path}.`,
    '',
    'Move that file to the machine of the client, over a safe way, and run there:',
    `  sudo masque-vpn connect ${name}.toml`,
    '',
  ].join('\n');
}

function noEnrolment(name: string): CommandResult {
  return commandFailed('ADMIN_RESPONSE_INVALID', `${name} was created, but the server made no link for it.`);
}
