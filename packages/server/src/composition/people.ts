import type { AdministrationOptions } from '../administration/administration.js';
import { Devices } from '../administration/devices.js';
import { OidcProvider } from '../administration/oidcProvider.js';
import { Groups } from '../policy/groups.js';
import type { ApiParts } from './apiParts.js';
import type { CredentialParts } from './credentialApi.js';

/** Sign-in by an OpenID Connect provider, and the devices of those who come by it. */
export interface People {
  readonly oidc: NonNullable<AdministrationOptions['oidc']>;
  readonly devices: Devices;
}

/** Puts it together; null where no provider is configured. */
export function composePeople(parts: ApiParts & Pick<CredentialParts, 'enrolments'>): People | null {
  const { config, secrets, names, store, directory, settings, domain, clock } = parts;
  if (config.oidc === null) return null;
  const { oidc } = config;
  const host = names.publicHost.includes(':') ? `[${names.publicHost}]` : names.publicHost;
  const origin = oidc.redirectOrigin ?? `https://${host}:${config.api.listen.port}`;
  const devices = new Devices({
    ...{ directory, settings, clock },
    clients: domain.care.clients,
    enrolments: parts.enrolments,
    groups: new Groups({ store, keeper: domain.policy.keeper, directory, clock }),
    groupsStore: store.groups,
    limits: oidc,
  });
  const provider = new OidcProvider({
    ...oidc,
    clientSecret: secrets.oidcClientSecret,
    redirectUri: `${origin}/api/v1/login/oidc/callback`,
  });
  return {
    devices,
    oidc: { provider, policy: oidc, onSignIn: (person, actor) => devices.followGroups(person, actor) },
  };
}
