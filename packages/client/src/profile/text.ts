import { parse, TomlError } from 'smol-toml';
import type { z } from 'zod';
import { failed, type Outcome } from '../failure.js';
import { positionOf } from './position.js';
import { defaultTunnel, type Profile, profileSchema } from './profile.js';

/**
 * Reads the text of a profile; `source` names it in messages.
 * Fails with PROFILE_SYNTAX or PROFILE_INVALID, each problem with its line and column.
 */
export function parseProfile(text: string, source: string): Outcome<Profile> {
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason = 'not TOML'] = error.message.split('\n');
    return failed('PROFILE_SYNTAX', `${source}:${error.line}:${error.column}: ${reason}`);
  }
  const result = profileSchema.safeParse(content);
  if (result.success) return { ok: true, value: fromFile(result.data) };
  const problems = result.error.issues
    .flatMap((issue) => describe(issue))
    .map(({ path, message }) => ({ ...positionOf(text, path), message }))
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .map(({ line, column, message }) => `${source}:${line}:${column}: ${message}`);
  return failed('PROFILE_INVALID', problems.join('\n'));
}

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function describe(issue: z.core.$ZodIssue): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      message: `"${key}" is not a key of a profile`,
    }));
  }
  const key = issue.path.map(String).join('.');
  const missing = issue.code === 'invalid_type' && issue.input === undefined;
  return [{ path: issue.path, message: missing ? `"${key}" is missing` : `"${key}" ${issue.message}` }];
}

function fromFile(content: z.infer<typeof profileSchema>): Profile {
  return {
    client: content.client,
    url: content.url,
    address: content.address ?? null,
    ca: content.ca,
    systemRoots: content.system_roots ?? false,
    certificate: content.certificate,
    privateKey: content.private_key,
    tunnel: {
      name: content.tunnel?.name ?? null,
      mtu: content.tunnel?.mtu ?? null,
      routes: content.tunnel?.routes ?? null,
      exclude: content.tunnel?.exclude ?? [],
      advertise: content.tunnel?.advertise ?? [],
      congestionControl: content.tunnel?.congestion_control ?? defaultTunnel.congestionControl,
    },
  };
}

/** The text of a profile file; {@link parseProfile} reads it back to the same profile. */
export function formatProfile(profile: Profile): string {
  const { tunnel } = profile;
  const preferences = [
    tunnel.name === null ? null : `name = ${quote(tunnel.name)}`,
    tunnel.mtu === null ? null : `mtu = ${tunnel.mtu}`,
    tunnel.routes === null ? null : `routes = ${list(tunnel.routes)}`,
    tunnel.exclude.length === 0 ? null : `exclude = ${list(tunnel.exclude)}`,
    tunnel.advertise.length === 0 ? null : `advertise = ${list(tunnel.advertise)}`,
    tunnel.congestionControl === defaultTunnel.congestionControl
      ? null
      : `congestion_control = ${quote(tunnel.congestionControl)}`,
  ].filter((line) => line !== null);
  return [
    `# masque-vpn profile of ${profile.client}: contains a private key, keep it to yourself`,
    'version = 1',
    `client = ${quote(profile.client)}`,
    `url = ${quote(profile.url)}`,
    ...(profile.address === null ? [] : [`address = ${quote(profile.address)}`]),
    `ca = ${block(profile.ca)}`,
    ...(profile.systemRoots ? ['system_roots = true'] : []),
    `certificate = ${block(profile.certificate)}`,
    `private_key = ${block(profile.privateKey)}`,
    ...(preferences.length === 0 ? [] : ['', '[tunnel]', ...preferences]),
    '',
  ].join('\n');
}

/** A JSON string is a TOML basic string, apart from DEL, which TOML wants escaped. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}

function list(values: readonly string[]): string {
  return `[${values.map(quote).join(', ')}]`;
}

/** PEM as a multi-line TOML string; TOML drops the line break after the opening quotes. */
export function block(pem: string): string {
  return `"""\n${pem.trim().replaceAll(/[\\"]/g, '\\$&')}\n"""`;
}
