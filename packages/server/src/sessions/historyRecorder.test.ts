import { ManualClock } from '@masque-vpn/engine/fake';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SessionEnding, SessionNote, SessionOpening } from '../store/sessionHistory.js';
import { StoreError, type StoreErrorCode } from '../store/storeError.js';
import { HistoryRecorder } from './historyRecorder.js';

describe('HistoryRecorder', () => {
  let clock: ManualClock;
  let recorder: HistoryRecorder;
  /** What the store took, a line per transaction: `a:opening+ending b:ending`. */
  let taken: string[];
  let failure: StoreErrorCode | null;
  /** Notes of this session are refused, whatever comes with them. */
  let poison: string;
  let lost: number;
  beforeEach(() => {
    clock = new ManualClock();
    taken = [];
    failure = null;
    poison = '';
    lost = 0;
    const record = async (notes: readonly (readonly [string, SessionNote])[]): Promise<void> => {
      if (failure !== null) throw new StoreError(failure, 'in trouble');
      if (notes.some(([uuid]) => uuid === poison)) throw new StoreError('STORE_QUERY_FAILED', 'poison');
      taken.push(notes.map(([uuid, note]) => `${uuid}:${Object.keys(note).toSorted().join('+')}`).join(' '));
    };
    recorder = new HistoryRecorder({
      history: { record },
      server: null,
      clock,
      logger: pino({ level: 'silent' }),
      onLost: () => (lost += 1),
    });
  });

  const opening = (uuid: string): SessionOpening => ({
    uuid,
    clientUuid: 'c',
    clientSlug: 'alice',
    instance: '',
    remoteAddress: '192.0.2.1:4433',
    addresses: [],
    startedAt: 1,
  });
  const ending: SessionEnding = {
    endedAt: 2,
    cause: 'peerClosed',
    code: null,
    bytesIn: 0,
    bytesOut: 0,
    packetsIn: 0,
    packetsOut: 0,
  };
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('writes what happens in one tick as one transaction', async () => {
    recorder.opened(opening('a'));
    recorder.opened(opening('b'));
    recorder.closed('a', ending);
    await recorder.flush();
    expect(taken).toEqual(['a:ending+opening b:opening']);
  });

  it('keeps what the database does not take, and writes it when it is back', async () => {
    recorder.opened(opening('a'));
    await settle();
    failure = 'STORE_UNAVAILABLE';
    recorder.closed('a', ending);
    recorder.opened(opening('b'));
    await settle();
    recorder.closed('b', ending);
    recorder.opened(opening('c'));
    for (let second = 0; second < 60; second += 1) {
      clock.advance(1_000);
      await settle();
    }
    expect(taken).toEqual(['a:opening']);
    failure = null;
    clock.advance(1_000);
    await settle();
    expect(taken.slice(1)).toEqual(['a:ending b:ending+opening c:opening']);
    expect(lost).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('does not record refusals while the database is the reason', async () => {
    const refusal = { ...opening('r'), refusal: 'LEASE_NOT_STORED' };
    failure = 'STORE_FULL';
    recorder.refused(refusal);
    recorder.opened(opening('a'));
    await settle();
    recorder.refused({ ...refusal, uuid: 's' });
    failure = null;
    clock.advance(1_000);
    await settle();
    recorder.refused({ ...refusal, uuid: 't' });
    await recorder.flush();
    expect(taken).toEqual(['a:opening', 't:refusal']);
    expect(lost).toBe(0);
  });

  it('loses the one that can never be written, and none beside it', async () => {
    poison = 'b';
    for (const uuid of ['a', 'b', 'c']) recorder.opened(opening(uuid));
    await recorder.flush();
    expect(taken).toEqual(['a:opening', 'c:opening']);
    expect(lost).toBe(1);
  });

  it('keeps at most 20,000 sessions: the one that waits longest is lost first', async () => {
    failure = 'STORE_FULL';
    for (let index = 0; index < 20_003; index += 1) recorder.opened(opening(`s${index}`));
    await settle();
    expect(lost).toBe(3);
    failure = null;
    await recorder.flush();
    expect(taken.join(' ').split(' ')).toHaveLength(20_000);
    expect(taken[0]).toMatch(/^s3:opening s4:opening/);
  });

  it('gives up at the end, and counts what was lost', async () => {
    failure = 'STORE_UNAVAILABLE';
    recorder.opened(opening('a'));
    await settle();
    recorder.closed('b', ending);
    await recorder.flush();
    expect(lost).toBe(2);
    expect(clock.pending).toBe(0);
  });
});
