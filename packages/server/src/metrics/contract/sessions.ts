import { capsuleErrorCauses, sessionCloseCauses } from '@masque-vpn/engine';
import { admissionRefusalCodes, refusalFor } from '../../admission/refusal.js';
import { endCauses } from '../../sessions/session.js';
import type { MetricDeclaration } from './declaration.js';
import { requestRefusalStatuses } from './requestRefusals.js';

/** Values of `cause` of `masque_vpn_session_ends_total`: the server's own, then the engine's. */
export const sessionEndCauses = [...endCauses, ...sessionCloseCauses] as const;

/** Reason and status of every refusal: each reason has one status. */
const refusals: readonly (readonly [string, string])[] = [
  ...Object.entries(requestRefusalStatuses).map(([code, status]) => [code, String(status)] as const),
  ...admissionRefusalCodes.map((code) => [code, String(refusalFor(code).status)] as const),
];

/** Requests and the sessions they become. */
export const sessionMetrics = {
  admissionRefusals: {
    name: 'masque_vpn_admission_refusals_total',
    type: 'counter',
    help: 'Refused requests by reason and HTTP status',
    labels: {
      reason: refusals.map(([reason]) => reason),
      status: [...new Set(refusals.map(([, status]) => status))].sort(),
    },
    combinations: refusals,
    unit: 'requests',
    fedBy: 'a request was refused; the same reason stands in the log line',
    since: '0.1.0',
  },
  requestsAbandoned: {
    name: 'masque_vpn_requests_abandoned_total',
    type: 'counter',
    help: 'Requests that clients took back before they were answered',
    labels: {},
    unit: 'requests',
    fedBy: 'a request ended while it was being decided',
    since: '0.1.0',
  },
  sessionEnds: {
    name: 'masque_vpn_session_ends_total',
    type: 'counter',
    help: 'Ended sessions by cause',
    labels: { cause: sessionEndCauses },
    unit: 'sessions',
    fedBy: 'an admitted session ended; the same cause stands in the log line (`reason`) and in the history',
    since: '0.1.0',
  },
  revocationDelay: {
    name: 'masque_vpn_revocation_delay_seconds',
    type: 'histogram',
    help: 'Time from a client’s loss of access to the end of its session',
    labels: {},
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60],
    unit: 'seconds',
    fedBy:
      'a session was ended because a certificate was revoked, or a client disabled or deleted: from the moment that ' +
      'the change was stored, on whichever server, to the session’s end on this one',
    since: '0.1.0',
  },
  capsuleErrors: {
    name: 'masque_vpn_capsule_errors_total',
    type: 'counter',
    help: 'Sessions aborted for what was wrong with a capsule',
    labels: { cause: [...capsuleErrorCauses, 'refused'] },
    unit: 'capsules',
    fedBy:
      'a stream was aborted: cut inside a capsule (malformed), above the size limit (tooLarge), above the rate limit ' +
      '(flood), or by a capsule that breaks a rule of the protocol (refused; the log names the rule)',
    since: '0.1.0',
  },
} as const satisfies Record<string, MetricDeclaration>;
