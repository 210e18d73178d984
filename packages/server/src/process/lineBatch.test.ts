import { ManualClock } from '@masque-vpn/engine/fake';
import { beforeEach, describe, expect, it } from 'vitest';
import { LineBatch } from './lineBatch.js';
import { createLogger } from './logging.js';

describe('LineBatch', () => {
  let clock: ManualClock;
  let written: string[];
  let batch: LineBatch;
  beforeEach(() => {
    clock = new ManualClock();
    written = [];
    batch = new LineBatch({ write: (text) => written.push(text) }, clock);
  });

  it('writes a line that comes alone at once', () => {
    batch.write('a\n');
    expect(written).toEqual(['a\n']);
    clock.advance(1_000);
    batch.write('b\n');
    expect(written).toEqual(['a\n', 'b\n']);
  });

  it('writes what comes within a moment together and in order', () => {
    for (const line of ['a\n', 'b\n', 'c\n']) batch.write(line);
    expect(written).toEqual(['a\n']);
    clock.advance(50);
    expect(written).toEqual(['a\n', 'b\nc\n']);
    batch.write('d\n');
    expect(written).toHaveLength(2);
    clock.advance(50);
    expect(written).toEqual(['a\n', 'b\nc\n', 'd\n']);
  });

  it('holds back no more than 64 KiB', () => {
    batch.write('a\n');
    batch.write('b'.repeat(65_535));
    expect(written).toHaveLength(1);
    batch.write('\n');
    expect(written).toEqual(['a\n', `${'b'.repeat(65_535)}\n`]);
  });

  it('loses nothing at its end, and leaves no timer', () => {
    batch.write('a\n');
    batch.write('b\n');
    batch[Symbol.dispose]();
    expect(written).toEqual(['a\n', 'b\n']);
    expect(clock.pending).toBe(0);
  });

  it('does not hold back errors, nor what came before them', () => {
    const logger = createLogger({ level: 'info', format: 'json', target: batch });
    for (const word of ['one', 'two', 'three']) logger.info(word);
    expect(written.join('')).not.toContain('three');
    logger.error('four');
    expect(written.join('')).toMatch(/three[^]*four/);
  });
});
