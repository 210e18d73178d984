import type { Model } from '../../../api/client.js';

/** Whether a certificate lets its client in at `nowMs`; `early`: not yet. */
export function certificateState(
  {
    notBeforeMs,
    notAfterMs,
    revokedAtMs,
  }: Pick<Model<'Certificate'>, 'notBeforeMs' | 'notAfterMs' | 'revokedAtMs'>,
  nowMs: number,
): 'usable' | 'early' | 'expired' | 'revoked' {
  if (revokedAtMs !== null) return 'revoked';
  if (nowMs > notAfterMs) return 'expired';
  return nowMs < notBeforeMs ? 'early' : 'usable';
}
