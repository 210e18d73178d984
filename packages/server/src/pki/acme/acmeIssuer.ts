import { readFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { rootCertificates } from 'node:tls';
import { axios, Client, crypto, type Authorization, type Order } from 'acme-client';
import { z } from 'zod';
import type { Clock } from '../../process/clock.js';
import { generateKeys, privateKeyPem } from '../keys.js';
import { systemCode } from '../privateFile.js';
import { acmeFailure, type AcmeErrorCode, type AcmeResult } from './acmeError.js';
import type { CertificateIssuer, CertificateOrder } from './certificateOrder.js';
import { pause } from './pause.js';

/** For one request, milliseconds. */
const requestMs = 30_000;
/** Bytes of an answer. */
const mostAnswerBytes = 1_048_576;
/** Between two looks at what the authority is doing, milliseconds; and how often. */
const lookMs = 2_000;
const mostLooks = 45;

export interface AcmeIssuerOptions {
  /** URL of the directory (RFC 8555 §7.1.1). */
  readonly directory: string;
  /** Where the authority may write to about the certificate; null: nowhere. */
  readonly email: string | null;
  /** File with certificates that its HTTPS may lead to, besides public ones; null: none. */
  readonly caFile: string | null;
  readonly clock: Pick<Clock, 'after'>;
}

/** What we read of a challenge; the library's type knows no TLS-ALPN-01. */
const challengeSchema = z.looseObject({
  type: z.string(),
  status: z.string(),
  error: z.looseObject({ detail: z.string().default('') }).optional(),
});

/** The real thing, by the library acme-client; the challenge is TLS-ALPN-01. */
export class AcmeIssuer implements CertificateIssuer {
  readonly #options: AcmeIssuerOptions;

  constructor(options: AcmeIssuerOptions) {
    this.#options = options;
  }

  async order(order: CertificateOrder): Promise<AcmeResult<string>> {
    const { directory, email, caFile } = this.#options;
    const anchors = await readAnchors(caFile);
    if (!anchors.ok) return anchors;
    setUpRequests(anchors.value);
    const client = new Client({ directoryUrl: directory, accountKey: order.accountKeyPem });
    let step: AcmeErrorCode = 'ACME_DIRECTORY_UNREACHABLE';
    try {
      await client.getTermsOfServiceUrl();
      step = 'ACME_ACCOUNT_REFUSED';
      // Who configures ACME agrees to the authority's terms: docs/pki.md.
      const contact = email === null ? {} : { contact: [`mailto:${email}`] };
      await client.createAccount({ termsOfServiceAgreed: true, ...contact });
      step = 'ACME_ORDER_REFUSED';
      const identifiers = order.names.map((value) => ({ type: 'dns', value }));
      const placed = await client.createOrder({ identifiers });
      const authorizations = await client.getAuthorizations(placed);
      step = 'ACME_CHALLENGE_FAILED';
      const proven = await this.#proveAll(client, authorizations, order);
      if (!proven.ok) return proven;
      step = 'ACME_NOT_ISSUED';
      return await this.#collect(client, placed, order);
    } catch (error) {
      return acmeFailure(step, `${directory}: ${textOf(error)}`);
    }
  }

  async #proveAll(
    client: Client,
    authorizations: readonly Authorization[],
    order: CertificateOrder,
  ): Promise<AcmeResult<null>> {
    for (const [index, authorization] of authorizations.entries()) {
      const proven = await this.#prove(client, authorization, order);
      if (proven.ok) continue;
      // Authorities bound how many are pending.
      const pending = authorizations.slice(index + 1).filter(({ status }) => status === 'pending');
      await Promise.allSettled(pending.map((each) => client.deactivateAuthorization(each)));
      return proven;
    }
    return { ok: true, value: null };
  }

  async #prove(
    client: Client,
    authorization: Authorization,
    { stage, signal }: CertificateOrder,
  ): Promise<AcmeResult<null>> {
    if (authorization.status === 'valid') return { ok: true, value: null };
    const name = authorization.identifier.value;
    const challenge = authorization.challenges.find((each) => challengeSchema.parse(each).type === alpnType);
    if (challenge === undefined) {
      const message = `The authority offers no ${alpnType} for ${name}, and nothing else is possible here.`;
      return acmeFailure('ACME_CHALLENGE_NOT_OFFERED', message);
    }
    const keyPem = privateKeyPem(generateKeys().privateKey);
    const proof = await client.getChallengeKeyAuthorization(challenge);
    const [, certificate] = await crypto.createAlpnCertificate(authorization, proof, keyPem);
    using _shown = stage.present(name, { keyPem, certificatePem: certificate.toString() });
    await client.completeChallenge(challenge);
    for (let looks = 0; looks < mostLooks; looks++) {
      await pause(this.#options.clock, lookMs, signal);
      const now = await statusOf(client, authorization);
      if (now.status === 'valid') return { ok: true, value: null };
      if (now.status !== 'pending') {
        const message = `The authority could not verify ${name}: ${now.detail}. Its servers must reach this one at TCP port 443 of ${name}.`;
        return acmeFailure('ACME_CHALLENGE_FAILED', message);
      }
    }
    return acmeFailure('ACME_CHALLENGE_FAILED', `The authority took too long to verify ${name}.`);
  }

  async #collect(
    client: Client,
    placed: Order,
    { names, keyPem, signal }: CertificateOrder,
  ): Promise<AcmeResult<string>> {
    const [, request] = await crypto.createCsr({ altNames: [...names] }, keyPem);
    let current = await client.finalizeOrder(placed, request);
    for (let looks = 0; looks < mostLooks; looks++) {
      if (current.status === 'valid') return { ok: true, value: await client.getCertificate(current) };
      if (current.status === 'invalid') {
        return acmeFailure('ACME_NOT_ISSUED', `The authority gave up: ${JSON.stringify(current.error)}`);
      }
      await pause(this.#options.clock, lookMs, signal);
      current = await client.getOrder(placed);
    }
    return acmeFailure('ACME_NOT_ISSUED', 'The authority took too long to issue the certificate.');
  }
}

const alpnType = 'tls-alpn-01';

/** Of an authorization, as it is now. */
async function statusOf(
  client: Client,
  { url }: Authorization,
): Promise<{ readonly status: string; readonly detail: string }> {
  const [current] = await client.getAuthorizations({ ...emptyOrder, authorizations: [url] });
  const challenges = (current?.challenges ?? []).map((each) => challengeSchema.parse(each));
  const detail = challenges.find(({ error }) => error !== undefined)?.error?.detail ?? 'no reason given';
  return { status: current?.status ?? 'invalid', detail };
}

/** The library reads authorizations through an order only. */
const emptyOrder: Order = { url: '', status: 'pending', identifiers: [], authorizations: [], finalize: '' };

async function readAnchors(file: string | null): Promise<AcmeResult<string | null>> {
  if (file === null) return { ok: true, value: null };
  try {
    return { ok: true, value: await readFile(file, 'utf8') };
  } catch (error) {
    const message = `Cannot read ${file} (${systemCode(error)}). Check acme.ca_file.`;
    return acmeFailure('ACME_CA_FILE_UNREADABLE', message);
  }
}

/** The library has one place for all its requests. It must not repeat them: when to try again is decided by us. */
function setUpRequests(anchorsPem: string | null): void {
  const ca = anchorsPem === null ? {} : { ca: [...rootCertificates, anchorsPem] };
  Object.assign(axios.defaults, {
    timeout: requestMs,
    maxContentLength: mostAnswerBytes,
    httpsAgent: new Agent({ ...ca, keepAlive: false }),
    acmeSettings: { retryMaxAttempts: 0 },
  });
}

function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message || systemCode(error) : String(error);
  return text.slice(0, 500);
}
