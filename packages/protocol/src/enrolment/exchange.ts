import { ok, type Result } from '../result.js';
import { enrolmentError, type EnrolmentError } from './error.js';

/**
 * Redemption and renewal, JSON over HTTPS at the public TCP port. Both answer 200 with {@link Certified}, or with a
 * problem (RFC 9457, {@link EnrolmentProblem}).
 */
export const ENROLMENT_PATHS = {
  /** POST {@link Redemption}, without a client certificate. */
  redeem: '/enrolment/v1/redeem',
  /** POST {@link Renewal} over mutual TLS with the certificate that is to be replaced. */
  renew: '/enrolment/v1/renew',
} as const;

/** Largest body of a request, bytes. */
export const ENROLMENT_BODY_BYTES = 16_384;

/** Redeems a link. Repeated with the same key within a few minutes it is answered again: answers get lost. */
export interface Redemption {
  /** The link's. */
  readonly secret: string;
  /** PKCS #10 in PEM, signed by a key that never leaves the client. Its names and extensions are ignored. */
  readonly csrPem: string;
  /** Persisted random id of the client's installation (`INSTANCE_HEADER`), for the audit log. */
  readonly instance?: string;
}

/** Asks for the next certificate, for a new key or the same. */
export interface Renewal {
  readonly csrPem: string;
}

/** A certificate and all that a client must know to use it. Every answer replaces what the client knew before. */
export interface Certified {
  /** The client's immutable id. */
  readonly clientId: string;
  /** The client's chain, leaf first, PEM. */
  readonly certificatePem: string;
  /** How the client knows the server from now on. */
  readonly serverTrust: ServerTrust;
  /** URI template of the tunnel (RFC 9484 §3). */
  readonly url: string;
  /** Addresses to try where the host of `url` does not resolve. */
  readonly addressHints: readonly string[];
  /** UTC milliseconds, as the two below. */
  readonly notAfterMs: number;
  /** When to ask for the next one: two thirds of the life. */
  readonly renewAfterMs: number;
  /** The server's clock at the answer. */
  readonly serverTimeMs: number;
}

/** Trust anchors for the server's certificate, in the tunnel and at the public TCP port. */
export interface ServerTrust {
  /** One or more certificates, PEM; each is an anchor, also one that is not self-signed. */
  readonly anchorsPem: string;
  /** The system's roots are trusted as well: the server has a certificate of a public authority. */
  readonly system: boolean;
}

/** Why a request was refused (RFC 9457). */
export interface EnrolmentProblem {
  readonly status: number;
  /** Stable code out of `docs/errors.md`, as `ENROLMENT_USED` or `CLIENT_DISABLED`. */
  readonly code: string;
  /** For people. */
  readonly message: string;
}

/** Reads the body of a redemption. Fails with ENROLMENT_MESSAGE_INVALID. */
export function parseRedemption(json: unknown): Result<Redemption, EnrolmentError> {
  const body = fieldsOf(json);
  const secret = textOf(body, 'secret', 128);
  const csrPem = textOf(body, 'csrPem', ENROLMENT_BODY_BYTES);
  const instance = textOf(body, 'instance', 128);
  if (secret === null || csrPem === null) return invalid('"secret" and "csrPem" must be texts');
  if (body.has('instance') && instance === null) return invalid('"instance" must be a short text');
  return ok(instance === null ? { secret, csrPem } : { secret, csrPem, instance });
}

/** Reads the body of a renewal. Fails with ENROLMENT_MESSAGE_INVALID. */
export function parseRenewal(json: unknown): Result<Renewal, EnrolmentError> {
  const csrPem = textOf(fieldsOf(json), 'csrPem', ENROLMENT_BODY_BYTES);
  return csrPem === null ? invalid('"csrPem" must be a text') : ok({ csrPem });
}

/** Reads a server's answer to both. Fails with ENROLMENT_MESSAGE_INVALID. */
export function parseCertified(json: unknown): Result<Certified, EnrolmentError> {
  const body = fieldsOf(json);
  const trust = fieldsOf(body.get('serverTrust'));
  const clientId = textOf(body, 'clientId', 63);
  const certificatePem = textOf(body, 'certificatePem', 65_536);
  const anchorsPem = textOf(trust, 'anchorsPem', 262_144);
  const system = trust.get('system');
  const url = textOf(body, 'url', 2_048);
  const addressHints = textsOf(body.get('addressHints'));
  const notAfterMs = timeOf(body, 'notAfterMs');
  const renewAfterMs = timeOf(body, 'renewAfterMs');
  const serverTimeMs = timeOf(body, 'serverTimeMs');
  if (clientId === null || certificatePem === null || url === null || addressHints === null) {
    return invalid('the answer lacks the client, its certificate or the place of the server');
  }
  if (anchorsPem === null || typeof system !== 'boolean') {
    return invalid('the answer lacks how to know the server');
  }
  if (notAfterMs === null || renewAfterMs === null || serverTimeMs === null) {
    return invalid('the answer lacks how long the certificate is valid');
  }
  const serverTrust = { anchorsPem, system };
  return ok({
    clientId,
    certificatePem,
    serverTrust,
    url,
    addressHints,
    notAfterMs,
    renewAfterMs,
    serverTimeMs,
  });
}

/** Reads a refusal; what is no problem of ours becomes code ENROLMENT_MESSAGE_INVALID. */
export function parseEnrolmentProblem(status: number, json: unknown): EnrolmentProblem {
  const body = fieldsOf(json);
  const code = textOf(body, 'code', 64);
  const message = textOf(body, 'detail', 1_024) ?? textOf(body, 'title', 1_024);
  if (code !== null && /^[A-Z][A-Z0-9_]*$/.test(code)) return { status, code, message: message ?? code };
  return {
    status,
    code: 'ENROLMENT_MESSAGE_INVALID',
    message: `something else than a masque-vpn server answered, with HTTP status ${status}`,
  };
}

function fieldsOf(json: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof json === 'object' && json !== null ? Object.entries(json) : []);
}

function textOf(fields: ReadonlyMap<string, unknown>, name: string, mostCharacters: number): string | null {
  const value = fields.get(name);
  return typeof value === 'string' && value !== '' && value.length <= mostCharacters ? value : null;
}

function textsOf(value: unknown): readonly string[] | null {
  if (!Array.isArray(value) || value.length > 64) return null;
  const texts = value.filter((each) => typeof each === 'string');
  return texts.length === value.length ? texts : null;
}

function timeOf(fields: ReadonlyMap<string, unknown>, name: string): number | null {
  const value = fields.get(name);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function invalid(reason: string): { readonly ok: false; readonly error: EnrolmentError } {
  return enrolmentError(
    'ENROLMENT_MESSAGE_INVALID',
    `This message of enrolment is not understood: ${reason}.`,
  );
}
