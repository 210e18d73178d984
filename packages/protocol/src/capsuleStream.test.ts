import { describe, expect, it } from 'vitest';
import { CapsuleType } from './capsule.js';
import { CapsuleReader, encodeCapsule } from './capsuleStream.js';
import { concatBytes } from './byteReader.js';
import { encodeVarint, MAX_VARINT } from './varint.js';

/** Type and length only: the value follows, or never comes. */
function header(type: bigint, length: bigint): Uint8Array {
  return concatBytes([encodeVarint(type), encodeVarint(length)]);
}

const WITHDRAW = encodeCapsule({ type: CapsuleType.addressAssign, value: new Uint8Array() });

describe('CapsuleReader', () => {
  it('holds nothing of a capsule it skips, whatever length is announced (CIP-603)', () => {
    const reader = new CapsuleReader();
    reader.push(header(0x17n, MAX_VARINT));
    const chunk = new Uint8Array(64 * 1024);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 1024; i++) expect(reader.push(chunk)).toEqual({ capsules: [], error: null });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  });

  it('discards a DATAGRAM capsule too large for any packet and goes on after it (CIP-607)', () => {
    const reader = new CapsuleReader();
    const stream = concatBytes([header(CapsuleType.datagram, 100_000n), new Uint8Array(100_000), WITHDRAW]);
    expect(reader.push(stream).capsules.map(({ type }) => type)).toEqual([CapsuleType.addressAssign]);
  });

  it('yields the largest DATAGRAM capsule that can hold a packet', () => {
    const capsule = { type: CapsuleType.datagram, value: new Uint8Array(65_583) };
    expect(new CapsuleReader().push(encodeCapsule(capsule)).capsules).toEqual([capsule]);
  });

  it('refuses a control capsule over the limit as soon as its length is known (CIP-608)', () => {
    const reader = new CapsuleReader();
    const { capsules, error } = reader.push(
      concatBytes([WITHDRAW, header(CapsuleType.routeAdvertisement, 70_000n)]),
    );
    expect(capsules).toHaveLength(1);
    expect(error).toMatchObject({ code: 'CAPSULE_TOO_LARGE', rule: 'CIP-608', httpErrorCode: 0x107 });
    expect(reader.push(WITHDRAW)).toEqual({ capsules: [], error });
    expect(reader.finish()).toEqual(error);
  });

  it('takes a control capsule of exactly the limit', () => {
    const capsule = { type: CapsuleType.routeAdvertisement, value: new Uint8Array(65_536) };
    expect(new CapsuleReader().push(encodeCapsule(capsule)).capsules).toEqual([capsule]);
  });

  it('accepts the end of the stream between capsules only (CIP-605)', () => {
    const reader = new CapsuleReader();
    expect(reader.finish()).toBeNull();
    reader.push(WITHDRAW);
    expect(reader.finish()).toBeNull();
    reader.push(header(0x17n, 1n));
    expect(reader.finish()).toMatchObject({ code: 'CAPSULE_STREAM_CUT', httpErrorCode: 0x10e });
  });
});
