import { bySeverity, type Facts, type Finding, type Severity } from '../findings/finding.js';
import type { ConnectionCode } from './codes.js';
import type { ConnectionFacts } from './connectionFacts.js';

export type ConnectionFinding = Finding<ConnectionCode>;

const day = 86_400_000;

/** How long ago a refusal or a refused flow still says something. */
const latelyMs = day;

/** Clients renew from two thirds of a certificate's life on: whoever has less left than this did not manage to. */
const leastRemainingShare = 0.25;
const leastRemainingMs = 7 * day;

/** Reasons and flows that are listed. */
const mostListed = 3;

/** Why a client cannot connect, or reaches nothing; the most decisive first, at least one. */
export function diagnoseConnection(facts: ConnectionFacts): readonly ConnectionFinding[] {
  const findings = [
    ...clientFindings(facts),
    ...credentialFindings(facts),
    ...serverFindings(facts),
    ...limitFindings(facts),
    ...refusalFindings(facts),
    ...reachFindings(facts),
    ...presenceFindings(facts),
  ];
  const isClear = findings.every(({ severity }) => severity === 'ok' || severity === 'info');
  return bySeverity(isClear ? [...findings, ...clear(facts)] : findings);
}

function finding(
  code: ConnectionCode,
  severity: Severity,
  facts: Facts,
  message: string,
  remedy: string | null = null,
): ConnectionFinding {
  return { code, severity, facts, message, remedy };
}

function clientFindings({ client, nowMs }: ConnectionFacts): ConnectionFinding[] {
  const { enabled, expiresAtMs } = client;
  const isExpired = expiresAtMs !== null && nowMs >= expiresAtMs;
  return [
    ...(enabled ? [] : [finding('CLIENT_DISABLED', 'problem', {}, 'the client is disabled', 'enable it')]),
    ...(isExpired
      ? [
          finding(
            'CLIENT_EXPIRED',
            'problem',
            { atMs: expiresAtMs },
            `the client expired on ${dateOf(expiresAtMs)}`,
            'set a later expiry, or none',
          ),
        ]
      : []),
  ];
}

function credentialFindings(facts: ConnectionFacts): ConnectionFinding[] {
  const { certificates, nowMs, hasToken } = facts;
  const usable = certificates.filter(
    ({ notBeforeMs, notAfterMs, revokedAtMs }) =>
      revokedAtMs === null && notBeforeMs <= nowMs && nowMs < notAfterMs + 1_000,
  );
  const best = usable.toSorted((a, b) => b.notAfterMs - a.notAfterMs)[0];
  if (best !== undefined) return remainingFindings(best, nowMs);
  if (hasToken) return [];
  return [...lackOfCertificate(facts), ...linkFindings(facts)];
}

/** Why none of its certificates is of use: what was true of the newest. */
function lackOfCertificate({ certificates, nowMs }: ConnectionFacts): ConnectionFinding[] {
  const newest = certificates.toSorted((a, b) => b.notBeforeMs - a.notBeforeMs)[0];
  const remedy = 'make a new enrolment link for it';
  if (newest === undefined) {
    const message = 'nobody has ever enrolled as this client: it has no certificate';
    return [finding('CLIENT_NOT_ENROLLED', 'problem', {}, message, 'give it an enrolment link')];
  }
  const { notBeforeMs, notAfterMs, revokedAtMs } = newest;
  if (revokedAtMs !== null) {
    const message = `its certificate was revoked on ${dateOf(revokedAtMs)}`;
    return [finding('CERTIFICATE_REVOKED', 'problem', { atMs: revokedAtMs }, message, remedy)];
  }
  if (nowMs < notBeforeMs) {
    const message = `its certificate is valid from ${dateOf(notBeforeMs)} on only`;
    const clock = 'look at the clock of this server';
    return [finding('CERTIFICATE_NOT_YET_VALID', 'problem', { atMs: notBeforeMs }, message, clock)];
  }
  const message = `its certificate expired on ${dateOf(notAfterMs)}, and it did not come to renew it`;
  return [finding('CERTIFICATE_EXPIRED', 'problem', { atMs: notAfterMs }, message, remedy)];
}

function linkFindings({ link, nowMs }: ConnectionFacts): ConnectionFinding[] {
  if (link === null) return [];
  const { expiresAtMs } = link;
  const facts = { expiresAtMs };
  if (nowMs < expiresAtMs) {
    const message = `its enrolment link was not used yet; it is good until ${dateOf(expiresAtMs)}`;
    return [finding('LINK_UNUSED', 'warning', facts, message, 'run the command with the link on the client')];
  }
  const message = `its enrolment link was never used and expired on ${dateOf(expiresAtMs)}`;
  return [finding('LINK_EXPIRED', 'problem', facts, message, 'make a new link')];
}

function remainingFindings(
  { notBeforeMs, notAfterMs }: ConnectionFacts['certificates'][number],
  nowMs: number,
): ConnectionFinding[] {
  const remaining = notAfterMs - nowMs;
  const least = Math.min(leastRemainingMs, (notAfterMs - notBeforeMs) * leastRemainingShare);
  if (remaining >= least) return [];
  return [
    finding(
      'CERTIFICATE_EXPIRES_SOON',
      'warning',
      { atMs: notAfterMs },
      `its certificate expires on ${dateOf(notAfterMs)}, and it has not renewed it`,
      'it renews while it is connected or started; it must reach the TCP port of the same number',
    ),
  ];
}

function serverFindings({
  tunProblem,
  storeAvailable,
  exhausted,
  resting,
}: ConnectionFacts): ConnectionFinding[] {
  return [
    ...(tunProblem === null
      ? []
      : [
          finding(
            'TUN_DOWN',
            'problem',
            { reason: tunProblem.code },
            `this server has no tunnel interface, so nobody gets a tunnel: ${tunProblem.message}`,
            `see ${tunProblem.code} in docs/errors.md`,
          ),
        ]),
    ...(storeAvailable
      ? []
      : [
          finding(
            'STORE_UNAVAILABLE',
            'problem',
            {},
            'the database does not answer, so no new tunnel is given',
            'check disk, folder and rights, or the PostgreSQL server; it recovers by itself',
          ),
        ]),
    ...exhausted.map((family) =>
      finding(
        'POOL_EXHAUSTED',
        'problem',
        { family },
        `every IPv${family} address of the pool is in use or rests`,
        'make the pool larger in server.toml, or wait until addresses have rested',
      ),
    ),
    ...resting.map((address) =>
      finding(
        'ADDRESS_RESTING',
        'warning',
        { address },
        `its fixed address ${address} is still with somebody else, or rests after them; until then it gets another one`,
        'disconnect who has it, or end its rest',
      ),
    ),
  ];
}

function limitFindings({ quota, ownSessions, serverSessions }: ConnectionFacts): ConnectionFinding[] {
  const findings: ConnectionFinding[] = [];
  if (quota !== null && quota.usedBytes >= quota.limitBytes) {
    findings.push(
      finding(
        'QUOTA_EXCEEDED',
        'problem',
        { ...quota },
        'it has used up its traffic of the month',
        'raise its monthly quota, or wait for the first of the month (UTC)',
      ),
    );
  }
  if (ownSessions.open >= ownSessions.most) {
    findings.push(
      finding(
        'LIMIT_PER_CLIENT',
        'warning',
        { ...ownSessions },
        `it has ${ownSessions.open} sessions of at most ${ownSessions.most}: one more device is refused`,
        'disconnect one, or raise its sessions at a time',
      ),
    );
  }
  if (serverSessions.open >= serverSessions.most) {
    findings.push(
      finding(
        'LIMIT_OF_SERVER',
        'problem',
        { ...serverSessions },
        `this server has as many sessions as it may have: ${serverSessions.most}`,
        'raise sessions.max in server.toml',
      ),
    );
  }
  return findings;
}

/** One for each reason, the latest first. After it has connected they are history. */
function refusalFindings({ refusals, nowMs, lastConnectedAtMs }: ConnectionFacts): ConnectionFinding[] {
  const lately = refusals.filter(({ atMs }) => nowMs - atMs < latelyMs);
  const codes = [...new Set(lately.map(({ code }) => code))].slice(0, mostListed);
  return codes.flatMap((code) => {
    const same = lately.filter((refusal) => refusal.code === code);
    const [latest] = same;
    if (latest === undefined) return [];
    const { atMs, remoteAddress } = latest;
    const isOver = lastConnectedAtMs !== null && lastConnectedAtMs > atMs;
    return finding(
      'REFUSED_LATELY',
      isOver ? 'info' : 'problem',
      { reason: code, count: same.length, lastAtMs: atMs, remoteAddress },
      `it was refused ${same.length === 1 ? 'once' : `${same.length} times`} with ${code}, ` +
        `last on ${dateOf(atMs)} from ${remoteAddress}${isOver ? '; it has connected since' : ''}`,
      isOver ? null : `see ${code} in docs/errors.md`,
    );
  });
}

function reachFindings({ isAllowedSomething, refusedFlows, nowMs }: ConnectionFacts): ConnectionFinding[] {
  if (!isAllowedSomething) {
    return [
      finding(
        'NOTHING_ALLOWED',
        'problem',
        {},
        'no rule lets it go anywhere: it connects, and reaches nothing',
        'put it into a group that has rules, or make a rule for it',
      ),
    ];
  }
  const lately = refusedFlows.filter(({ lastAtMs }) => nowMs - lastAtMs < latelyMs).slice(0, mostListed);
  return lately.map(({ remoteAddress, protocol, port, count, lastAtMs }) =>
    finding(
      'FLOWS_REFUSED',
      'info',
      { remoteAddress, protocol, port, count, lastAtMs },
      `a rule, or the lack of one, refused it ${remoteAddress}${port === null ? '' : ` port ${port}`} ` +
        `(${count} seen, last on ${dateOf(lastAtMs)})`,
      'if it should get there, make a rule that allows it',
    ),
  );
}

function presenceFindings({
  ownSessions,
  lastConnectedAtMs,
  refusals,
}: ConnectionFacts): ConnectionFinding[] {
  if (ownSessions.open > 0) {
    const facts = { sessions: ownSessions.open, sinceMs: lastConnectedAtMs };
    return [finding('CLIENT_CONNECTED', 'ok', facts, 'it is connected')];
  }
  if (lastConnectedAtMs !== null || refusals.length > 0) return [];
  return [
    finding(
      'CLIENT_NEVER_SEEN',
      'info',
      {},
      'nothing of it has ever arrived here',
      'start it; if it says that the server does not answer, look whether the UDP port can be reached (checks)',
    ),
  ];
}

/** Nothing found is a finding, too. */
function clear({ ownSessions, lastConnectedAtMs }: ConnectionFacts): ConnectionFinding[] {
  if (ownSessions.open > 0) return [];
  return [
    finding(
      'NOTHING_IN_THE_WAY',
      'ok',
      { lastConnectedAtMs },
      'nothing that this server knows stands in its way: it would get a tunnel if it came now',
      'if it is started and does not connect, its packets do not arrive: look at its own network and firewall',
    ),
  ];
}

function dateOf(atMs: number): string {
  return new Date(atMs)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
}
