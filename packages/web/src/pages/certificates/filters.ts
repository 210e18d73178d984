import type { Model } from '../../api/client.js';

type Certificate = Model<'Certificate'>;
type Origin = Certificate['origin'];

/** What narrows the certificates, as it stands in the page's address. */
export interface CertificateFilters {
  readonly client: string;
  /** `all`: expired and revoked ones as well. */
  readonly show: string;
  readonly origin: string;
}

export const noFilters: CertificateFilters = { client: '', show: 'usable', origin: '' };
export const origins = ['issued', 'imported'] as const satisfies readonly Origin[];

/** The filters as the API takes them; a client's name that is none yet does not matter. */
export function certificateQueryOf({ client, show, origin }: CertificateFilters): {
  client?: string;
  usable?: 'true';
  origin?: Origin;
} {
  const known = origins.find((name) => name === origin);
  return {
    ...(/^[a-z0-9-]{1,63}$/.test(client) ? { client } : {}),
    ...(show === 'all' ? {} : { usable: 'true' }),
    ...(known === undefined ? {} : { origin: known }),
  };
}

/** What a certificate is good for now. */
export type CertificateState = 'usable' | 'soon' | 'early' | 'expired' | 'revoked';

/** A certificate that should have been renewed long ago: clients do so after two thirds of its life. */
const soonShare = 0.85;

export function stateOf(
  { notBeforeMs, notAfterMs, revokedAtMs }: Pick<Certificate, 'notBeforeMs' | 'notAfterMs' | 'revokedAtMs'>,
  nowMs: number,
): CertificateState {
  if (revokedAtMs !== null) return 'revoked';
  if (notAfterMs <= nowMs) return 'expired';
  if (notBeforeMs > nowMs) return 'early';
  return (nowMs - notBeforeMs) / (notAfterMs - notBeforeMs) > soonShare ? 'soon' : 'usable';
}

/** What somebody pasted as a fingerprint (colons, spaces, capitals), as the API takes it; null: it is none. */
export function fingerprintFrom(text: string): string | null {
  const hex = text.replace(/[\s:]/g, '').toLowerCase();
  return /^[0-9a-f]{64}$/.test(hex) ? hex : null;
}
