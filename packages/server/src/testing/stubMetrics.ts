import { ManualClock } from '@masque-vpn/engine/fake';
import { Metrics, type MetricsOptions } from '../metrics/metrics.js';
import { Registry } from '../metrics/registry.js';
import { sampleOf } from './exposition.js';
import { StubCounters } from './stubCounters.js';
import { stubGauges } from './stubGauges.js';

const minute = 60_000;

/** Metrics over counters that a test sets by hand, and the events of a server as short calls. */
export class StubMetrics {
  readonly clock: ManualClock;
  readonly engine = new StubCounters();
  readonly metrics: Metrics;

  constructor(changed: Partial<MetricsOptions> & { readonly clock?: ManualClock } = {}) {
    this.clock = changed.clock ?? new ManualClock();
    this.metrics = new Metrics({
      registry: new Registry({ version: '0.1.0', node: 'v20.0.0' }),
      engine: this.engine,
      retentionMs: 15 * minute,
      perClient: true,
      clientCeiling: 10_000,
      gauges: stubGauges(),
      ...changed,
      clock: this.clock,
    });
  }

  /** A sample of a scrape made now, named without its prefix; null where there is no such series. */
  scrape(name: string, labels: Readonly<Record<string, string>> = {}): number | null {
    return sampleOf(this.text(), `masque_vpn_${name}`, labels);
  }

  /** A whole scrape made now. */
  text(): string {
    this.metrics.gather();
    return this.metrics.registry.render();
  }

  admit(sessionId: number, clientId: string, connectionId = 1): void {
    const connection = this.engine.connection(connectionId);
    this.metrics.admitted(this.engine.session(sessionId), {
      connectionId: connection,
      clientId,
      receivedAtMs: this.clock.now() - 3,
    });
  }

  /** Ends the session, and its connection with it. */
  end(sessionId: number, connectionId = 1): void {
    this.metrics.ended(this.engine.session(sessionId), 'peerFinished', () => undefined);
    this.metrics.connectionEnded(this.engine.connection(connectionId), 'peerClosed');
  }
}
