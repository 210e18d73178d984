import type { Logger } from 'pino';
import type { ServerConfig } from '../config/config.js';
import type { Certification } from '../enrolments/certification.js';
import { Front } from '../front/front.js';
import { FrontHandler } from '../front/handler.js';
import { FrontKeeper } from '../front/keeper.js';
import type { ChallengeStage } from '../pki/acme/certificateOrder.js';
import type { Authorities } from '../pki/authorities.js';
import { sha256Hex } from '../pki/fingerprint.js';
import type { ImportedCertificates } from '../pki/importedCertificates.js';
import type { ServerCredential } from '../pki/serverCredential.js';
import type { Cleanup } from '../process/cleanup.js';
import type { Clock } from '../process/clock.js';

export interface FrontParts {
  readonly config: ServerConfig;
  readonly certification: Certification;
  readonly authorities: Authorities;
  readonly imported: ImportedCertificates;
  readonly credential: ServerCredential;
  /** Whose port number it shares. */
  readonly udpAddress: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly cleanup: Cleanup;
}

/** The public TCP port, and what answers ACME there. */
export interface OpenedFront {
  readonly keeper: FrontKeeper;
  readonly challenges: ChallengeStage;
}

/** Opens the public TCP port; null where the configuration wants none. */
export async function openFront(parts: FrontParts): Promise<OpenedFront | null> {
  const { config, certification, authorities, imported, credential, clock, logger, cleanup } = parts;
  if (!config.front.enabled) return null;
  const front = new Front({
    certificate: credential.tunnel.certificate,
    handler: new FrontHandler({ certification, clock, logger }),
    trusts: (certificate) =>
      authorities.live.some((authority) => authority.issued(certificate)) ||
      imported.has(sha256Hex(certificate.raw)),
    clock,
    logger,
  });
  const subscription = credential.tunnel.subscribe((certificate) => front.setCertificate(certificate));
  cleanup.defer('public TCP port', async () => {
    subscription[Symbol.dispose]();
    await front[Symbol.asyncDispose]();
  });
  const port = Number(parts.udpAddress.slice(parts.udpAddress.lastIndexOf(':') + 1));
  const keeper = new FrontKeeper(front, { host: config.server.listen.address, port }, logger);
  await keeper.open();
  return { keeper, challenges: front.challenges };
}
