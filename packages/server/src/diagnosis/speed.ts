import { bySeverity, type Facts, type Finding, type Severity } from '../findings/finding.js';
import type { SpeedCode } from './codes.js';
import type { MeasuredSession, RateLimit, SpeedFacts } from './speedFacts.js';

export type SpeedFinding = Finding<SpeedCode>;

/** From which values on something slows noticeably. */
const thresholds = {
  /** A limit binds from this share on; a token bucket lets TCP have about that much. */
  limitShare: 0.8,
  quotaShare: 0.9,
  /** One loss-based TCP flow at 50 ms gets no more than about 3 Mbit/s at 1 %. */
  loss: 0.01,
  heavyLoss: 0.05,
  rttMs: 150,
  longRttMs: 300,
  /** What a path of the usual 1,500 bytes leaves for QUIC, less two more headers. */
  pathMtu: 1_350,
  dropShare: 0.01,
  workers: 0.85,
  eventLoopMs: 100,
};

/** Why a client is slow; the most decisive first, at least one. */
export function diagnoseSpeed(facts: SpeedFacts): readonly SpeedFinding[] {
  const { sessions } = facts;
  if (sessions.length === 0) {
    const message = 'it is not connected to this server, so there is nothing to measure';
    return [finding('CLIENT_NOT_CONNECTED', 'unknown', {}, message)];
  }
  const findings = [
    ...limitFindings(facts),
    ...sessions.flatMap((session) => [...pathFindings(session), ...queueFindings(session, facts.limits)]),
    ...quotaFindings(facts),
    ...serverFindings(facts),
  ];
  return findings.length === 0 ? [nothing(sessions)] : bySeverity(findings);
}

function finding(
  code: SpeedCode,
  severity: Severity,
  facts: Facts,
  message: string,
  remedy: string | null = null,
): SpeedFinding {
  return { code, severity, facts, message, remedy };
}

function limitFindings({ limits, sessions }: SpeedFacts): SpeedFinding[] {
  return limits
    .filter((limit) => binds(limit, sessions))
    .map(({ direction, group, bytesPerSecond, usedBytesPerSecond }) => {
      const whose = group === null ? 'its limit' : `the limit that the group ${group} shares`;
      const way = direction === 'up' ? 'from' : 'to';
      return finding(
        'RATE_LIMIT_BINDS',
        'problem',
        { direction, group, bytesPerSecond, usedBytesPerSecond: Math.round(usedBytesPerSecond) },
        `${whose} of ${megabits(bytesPerSecond)} Mbit/s ${way} the client is used up`,
        group === null
          ? 'raise its rate limit'
          : 'raise the shared limit, or give the client a group of its own',
      );
    });
}

/** Near the limit, and packets are being dropped that way. */
function binds(
  { direction, bytesPerSecond, usedBytesPerSecond }: RateLimit,
  sessions: SpeedFacts['sessions'],
): boolean {
  const isDropping = sessions.some(({ drops }) => drops[direction] > 0);
  return isDropping && usedBytesPerSecond >= thresholds.limitShare * bytesPerSecond;
}

function pathFindings({ rttMs, lossRatio, pathMtu, tunnelMtu }: MeasuredSession): SpeedFinding[] {
  const findings: SpeedFinding[] = [];
  if (lossRatio !== null && lossRatio >= thresholds.loss) {
    const percent = Math.round(lossRatio * 1_000) / 10;
    findings.push(
      finding(
        'PATH_LOSES',
        lossRatio >= thresholds.heavyLoss ? 'problem' : 'warning',
        { lossRatio },
        `its path loses ${percent} % of the packets to it`,
        'look at its own network: a weak radio link, a full line',
      ),
    );
  }
  if (rttMs !== null && rttMs >= thresholds.rttMs) {
    findings.push(
      finding(
        'PATH_IS_LONG',
        rttMs >= thresholds.longRttMs ? 'warning' : 'info',
        { rttMs },
        `a packet takes ${Math.round(rttMs)} ms to it and back`,
        'far away or a queue on the way: if it is less when nothing is loaded, a queue',
      ),
    );
  }
  if (pathMtu !== null && pathMtu < thresholds.pathMtu) {
    findings.push(
      finding(
        'PATH_MTU_SMALL',
        'warning',
        { pathMtu, tunnelMtu },
        `its path carries ${pathMtu} bytes at a time, so that each packet carries less`,
        'another tunnel or PPPoE on the way; larger packets are blocked, or their answers are (ICMP)',
      ),
    );
  }
  return findings;
}

function queueFindings({ packets, drops }: MeasuredSession, limits: readonly RateLimit[]): SpeedFinding[] {
  const all = packets.down + drops.down;
  // With a limit in that direction the drops may be the limit's.
  const mayBeLimit = limits.some(({ direction }) => direction === 'down');
  if (all === 0 || mayBeLimit || drops.down / all < thresholds.dropShare) return [];
  const share = drops.down / all;
  return [
    finding(
      'QUEUE_DROPS',
      'warning',
      { packets: drops.down, share },
      `${Math.round(share * 1_000) / 10} % of the packets to it are dropped here, as its path takes no more`,
      'its line is full; that is how senders learn of it',
    ),
  ];
}

function quotaFindings({ quota }: SpeedFacts): SpeedFinding[] {
  if (quota === null || quota.usedBytes < thresholds.quotaShare * quota.limitBytes) return [];
  const { usedBytes, limitBytes } = quota;
  const percent = Math.floor((usedBytes / limitBytes) * 100);
  return [
    finding(
      'QUOTA_NEARLY_USED',
      'info',
      { usedBytes, limitBytes },
      `it has used ${percent} % of its traffic of the month; with all of it used it is disconnected`,
      'raise its monthly quota',
    ),
  ];
}

function serverFindings({ workersBusy, eventLoopP99Ms }: SpeedFacts): SpeedFinding[] {
  const findings: SpeedFinding[] = [];
  if (workersBusy !== null && workersBusy >= thresholds.workers) {
    findings.push(
      finding(
        'WORKERS_BUSY',
        'problem',
        { share: workersBusy },
        `the threads that move packets have been busy ${Math.round(workersBusy * 100)} % of the last minute`,
        'this server is at its limit: a faster machine, or one more server',
      ),
    );
  }
  if (eventLoopP99Ms !== null && eventLoopP99Ms >= thresholds.eventLoopMs) {
    findings.push(
      finding(
        'EVENT_LOOP_BUSY',
        'info',
        { p99Ms: eventLoopP99Ms },
        `what the server decides waits up to ${Math.round(eventLoopP99Ms)} ms; packets of open tunnels do not`,
        'connecting is slow; look at what else runs on this machine',
      ),
    );
  }
  return findings;
}

function nothing(sessions: SpeedFacts['sessions']): SpeedFinding {
  const sum = (direction: 'up' | 'down'): number =>
    Math.round(sessions.reduce((total, { rates }) => total + rates[direction], 0));
  const rtts = sessions.flatMap(({ rttMs }) => rttMs ?? []);
  const facts = {
    upBytesPerSecond: sum('up'),
    downBytesPerSecond: sum('down'),
    rttMs: rtts.length === 0 ? null : Math.min(...rtts),
  };
  const message =
    `nothing here slows it: it moves ${megabits(facts.downBytesPerSecond)} Mbit/s down and ` +
    `${megabits(facts.upBytesPerSecond)} Mbit/s up now`;
  return finding('NOTHING_SLOWS', 'ok', facts, message);
}

function megabits(bytesPerSecond: number): number {
  const value = (bytesPerSecond * 8) / 1e6;
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value);
}
