import type { EnrolmentTrust, ServerTrust } from '@masque-vpn/protocol';
import type { ClientBriefing, Endpoint } from '../enrolments/endpoint.js';
import type { ServerCredential } from '../pki/serverCredential.js';
import { tunnelUrl, type ServerNames } from './names.js';

export interface PublicPlaceOptions {
  readonly names: ServerNames;
  /** Of the URI template. */
  readonly path: string;
  readonly credential: Pick<ServerCredential, 'trust' | 'linkTrust'>;
}

/** Where clients find this server; known in full once it listens. */
export class PublicPlace implements ClientBriefing {
  readonly #options: PublicPlaceOptions;
  #udpAddress = ':0';

  constructor(options: PublicPlaceOptions) {
    this.#options = options;
  }

  /** The server listens there. */
  opened(udpAddress: string): void {
    this.#udpAddress = udpAddress;
  }

  endpoint(chosen: string | null): Endpoint {
    const { names, path } = this.#options;
    const host = chosen ?? names.publicHost;
    return {
      host,
      port: Number(this.#udpAddress.slice(this.#udpAddress.lastIndexOf(':') + 1)),
      url: tunnelUrl(host, this.#udpAddress, path),
      addressHints: names.addresses,
    };
  }

  get trust(): ServerTrust {
    return this.#options.credential.trust;
  }

  get linkTrust(): EnrolmentTrust {
    return this.#options.credential.linkTrust;
  }
}
