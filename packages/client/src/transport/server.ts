import {
  buildRequest,
  defaultTemplate,
  expandTemplate,
  parseTemplate,
  type RequestUri,
  WHOLE_NETWORK,
} from '@masque-vpn/protocol';
import { failed, type Outcome } from '../failure.js';
import type { HeaderField } from '@masque-vpn/engine';
import type { Profile } from '../profile/profile.js';

/** The server of a profile: where to connect and what to ask for. */
export interface Server {
  /** Authority of the profile's URL, as written there. */
  readonly name: string;
  /** What to resolve: the host of the URL, or the address that the profile puts in its place. */
  readonly host: string;
  readonly port: number;
  /** The name in its certificate: the URL's host, also when the profile says another address (CIP-102). */
  readonly certificateName: string;
  readonly request: RequestUri;
}

/** Reads the profile's URL template. Fails with PROFILE_TEMPLATE_INVALID before any packet leaves (CIP-202). */
export function serverOf(profile: Profile): Outcome<Server> {
  const template = profile.url.includes('/') ? parseTemplate(profile.url) : defaultTemplate(profile.url);
  if (!template.ok) {
    return failed(
      'PROFILE_TEMPLATE_INVALID',
      `The url of the profile cannot be used: ${template.error.message}.`,
    );
  }
  const { authority, host, port } = template.value;
  return {
    ok: true,
    value: {
      name: authority,
      host: profile.address ?? host,
      port,
      certificateName: host,
      request: expandTemplate(template.value, WHOLE_NETWORK),
    },
  };
}

/** Header section of the request; `instance` lets a session replace an older one of the same installation. */
export function requestHeaders(server: Server, instance: string): readonly HeaderField[] {
  return buildRequest(server.request, { instanceId: instance });
}
