/**
 * What both subjects show: so many clients, each with a session that moves and a past of ended sessions and streams.
 * From one scrape to the next the traffic of all of them grows, and one in a hundred ends a session with its stream:
 * with a scrape every 15 seconds, sessions of 25 minutes. Deterministic, so that both show the same numbers.
 */
export class Load {
  /** @param {number} clients */
  constructor(clients) {
    this.clients = clients;
    this.round = 0;
  }

  /** @param {number} index */
  clientId(index) {
    return `client-${String(index).padStart(5, '0')}`;
  }

  /** Ended sessions of a client, seconds. @param {number} index */
  endedSessions(index) {
    return Array.from({ length: 1 + (index % 7) }, (_, past) => ((index * 37 + past * 911) % 90_000) + 0.123);
  }

  /** Closed streams of a client, seconds. @param {number} index */
  closedStreams(index) {
    return Array.from({ length: 3 + (index % 5) }, (_, past) => ((index * 13 + past * 17) % 4_000) + 0.7);
  }

  /** Clients whose session ended since the scrape before. */
  justEnded() {
    const indexes = Array.from({ length: this.clients }, (_, index) => index);
    return indexes.filter((index) => (index * 7_919 + this.round * 31) % 100 === 0);
  }

  /** How long a session was that ended just now, and its stream, seconds. */
  get justEndedSeconds() {
    return 1_500.123;
  }

  /** Bytes or packets of a client's session so far. @param {number} index @param {number} kind 0–3 */
  traffic(index, kind) {
    return (index + 1) * (kind < 2 ? 1_237 : 3) * (this.round + 1) * (kind + 1);
  }
}
