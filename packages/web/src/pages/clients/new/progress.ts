import type { Model } from '../../../api/client.js';

export const steps = ['made', 'enrolled', 'connected', 'packet'] as const;
export type Step = (typeof steps)[number];

/** How far a client came with its link: the last step that is done. */
export function progressOf(
  enrolment: Pick<Model<'Enrolment'>, 'state'> | undefined,
  sessions: readonly Pick<Model<'Session'>, 'packetsReceived' | 'startedAtMs'>[],
  /** When the link was made, UTC milliseconds: sessions from before do not count. */
  madeAtMs: number,
): Step {
  const here = sessions.filter(({ startedAtMs }) => startedAtMs >= madeAtMs);
  if (here.some(({ packetsReceived }) => packetsReceived > 0)) return 'packet';
  if (here.length > 0) return 'connected';
  return enrolment?.state === 'redeemed' ? 'enrolled' : 'made';
}
