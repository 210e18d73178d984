import { isAbsolute } from 'node:path';
import { z } from 'zod';
import type { ProblemCollector } from './problemCollector.js';

/** `[oidc]` as it is written. */
export const oidcSection = {
  issuer: z
    .string()
    .default('')
    .describe('Issuer of the provider, "https://login.example.org". Empty: nobody signs in this way.'),
  client_id: z.string().default('').describe('What the provider calls this server.'),
  client_secret_file: z
    .string()
    .default('')
    .describe(
      'File whose first line is the secret the provider gave. Empty: a public client, with PKCE alone.',
    ),
  label: z.string().default('Single sign-on').describe('What the login page calls it.'),
  redirect_origin: z
    .string()
    .default('')
    .describe(
      'Where browsers find this server, "https://vpn.example.org:8080"; with "/api/v1/login/oidc/callback" behind it ' +
        'it is the redirect URI to register at the provider. Empty: https, server.host and the port of api.listen.',
    ),
  scopes: z
    .array(z.string())
    .default(['openid', 'profile', 'email'])
    .describe('What the provider is asked for.'),
  groups_claim: z
    .string()
    .default('groups')
    .describe('Claim with the groups of a person. Policy groups name the values that belong to them.'),
  owners: claimValues('Values of that claim whose holders administer as owners.'),
  operators: claimValues('Values whose holders administer as operators.'),
  readers: claimValues('Values whose holders look at everything.'),
  device_users: claimValues(
    'Values whose holders enrol devices of their own; "*" is everybody whom the provider vouches for.',
  ),
  devices_per_person: z.int().min(1).max(1_000).default(5).describe('Devices that one person may have.'),
  device_days: z
    .int()
    .min(0)
    .max(3_650)
    .default(0)
    .describe('How long a device that people enrolled themselves is let in; 0: until somebody removes it.'),
};

function claimValues(description: string): z.ZodDefault<z.ZodArray<z.ZodString>> {
  return z.array(z.string()).default([]).describe(description);
}

/** The section after defaults. */
export type OidcToml = { readonly [Key in keyof typeof oidcSection]: z.output<(typeof oidcSection)[Key]> };

/** `[oidc]`, checked. */
export interface OidcSettings {
  readonly issuer: URL;
  readonly clientId: string;
  /** Null: a public client. */
  readonly clientSecretFile: string | null;
  readonly label: string;
  /** `https://vpn.example.org:8080`; null: made of the public host and the API's port. */
  readonly redirectOrigin: string | null;
  readonly scopes: readonly string[];
  readonly groupsClaim: string;
  readonly owners: readonly string[];
  readonly operators: readonly string[];
  readonly readers: readonly string[];
  /** `*`: everybody whom the provider vouches for. */
  readonly deviceUsers: readonly string[];
  readonly devicesPerPerson: number;
  /** Null: until somebody removes it. */
  readonly deviceLifetimeMs: number | null;
}

/** The settings; null without an issuer, or when something is wrong and reported. */
export function resolveOidc(toml: OidcToml, collector: ProblemCollector): OidcSettings | null {
  if (toml.issuer === '') return null;
  const report = (key: keyof typeof oidcSection, message: string, suggestion: string): null => {
    collector.report({ code: 'CONFIG_BAD_VALUE', path: ['oidc', key], message, suggestion });
    return null;
  };
  const issuer = secureUrl(toml.issuer);
  if (issuer === null) {
    return report(
      'issuer',
      `"${toml.issuer}" is no https URL`,
      'Write it as the provider does: "https://…".',
    );
  }
  if (toml.client_id === '') {
    return report('client_id', 'the provider has to know this server', 'Write the client id it gave.');
  }
  if (toml.client_secret_file !== '' && !isAbsolute(toml.client_secret_file)) {
    return report(
      'client_secret_file',
      'it depends on where the server is started',
      'Begin it with a slash.',
    );
  }
  const origin = toml.redirect_origin === '' ? null : secureUrl(toml.redirect_origin);
  if (toml.redirect_origin !== '' && origin?.origin !== toml.redirect_origin) {
    const suggestion = 'Write scheme, host and port: "https://vpn.example.org:8080".';
    return report('redirect_origin', `"${toml.redirect_origin}" is no https origin`, suggestion);
  }
  return {
    issuer,
    clientId: toml.client_id,
    clientSecretFile: toml.client_secret_file === '' ? null : toml.client_secret_file,
    label: toml.label,
    redirectOrigin: origin?.origin ?? null,
    scopes: [...new Set(['openid', ...toml.scopes])],
    groupsClaim: toml.groups_claim,
    owners: toml.owners,
    operators: toml.operators,
    readers: toml.readers,
    deviceUsers: toml.device_users,
    devicesPerPerson: toml.devices_per_person,
    deviceLifetimeMs: toml.device_days === 0 ? null : toml.device_days * 86_400_000,
  };
}

/** https, or http to this machine itself, where tests and tunnels end. */
function secureUrl(text: string): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const local = url.hostname === 'localhost' || url.hostname === '127.0.0.1' || url.hostname === '[::1]';
  return url.protocol === 'https:' || (url.protocol === 'http:' && local) ? url : null;
}
