import { describe, expect, it } from 'vitest';
import { parseFuture, parsePast } from './moment.js';
import { parsePortRange, parsePrefixText, parseProtocol } from './network.js';
import { listOf, orInherit, type Parsed } from './parsed.js';
import { parseRate, parseSize, wholeNumber } from './quantity.js';
import { parseDestination, parseEndpoint, parseSubject, ruleEndText } from './ruleEnd.js';

const value = <T>(parsed: Parsed<T>): T | string => (parsed.ok ? parsed.value : parsed.problem);

describe('rates and sizes', () => {
  it.each([
    ['8', 1],
    ['50Mbit/s', 6_250_000],
    ['50M', 6_250_000],
    ['1.5Gbit', 187_500_000],
    ['6MB/s', 6_000_000],
    ['100kB', 100_000],
  ])('%s is %d bytes a second', (text, bytes) => {
    expect(value(parseRate(text))).toBe(bytes);
  });

  it.each([
    ['500GB', 5e11],
    ['1.5TB', 1.5e12],
    ['1000', 1000],
  ])('%s is %d bytes', (text, bytes) => {
    expect(value(parseSize(text))).toBe(bytes);
  });

  it.each(['', 'fast', '-5M', '5Zbit', '1e9', '5 M bit', '0x10'])('%j is no rate', (text) => {
    expect(parseRate(text).ok).toBe(false);
  });

  it('a size beyond counting is refused', () => {
    expect(parseSize('999999999999999TB').ok).toBe(false);
  });

  it('whole numbers have bounds', () => {
    expect(wholeNumber(1, 5)('5')).toEqual({ ok: true, value: 5 });
    for (const text of ['0', '6', '2.5', '-1', '']) expect(wholeNumber(1, 5)(text).ok).toBe(false);
  });
});

describe('moments', () => {
  const now = Date.UTC(2026, 0, 31, 12);
  const at = (parsed: Parsed<(nowMs: number) => number>): string =>
    parsed.ok ? new Date(parsed.value(now)).toISOString().slice(0, 16) : parsed.problem;

  it.each([
    ['30d', '2026-03-02T12:00'],
    ['12h', '2026-02-01T00:00'],
    ['2026-12-31', '2026-12-31T00:00'],
    ['2026-12-31T18:00', '2026-12-31T18:00'],
    ['2026-12-31 18:00Z', '2026-12-31T18:00'],
    ['2026-12-31T18:00+02:00', '2026-12-31T16:00'],
  ])('%s is %s', (text, instant) => {
    expect(at(parseFuture(text))).toBe(instant);
  });

  it('look back where the past is meant', () => {
    expect(at(parsePast('1w'))).toBe('2026-01-24T12:00');
  });

  it.each(['', 'tomorrow', '2026-02-30', '2026-13-01', '30', '31.12.2026'])('%j is none', (text) => {
    expect(parseFuture(text).ok).toBe(false);
  });
});

describe('networks', () => {
  it('are written canonically', () => {
    expect(value(parsePrefixText('2001:DB8::/32'))).toBe('2001:db8::/32');
    expect(value(parsePrefixText('10.0.0.1'))).toBe('10.0.0.1/32');
  });

  it('say what is wrong with them', () => {
    expect(value(parsePrefixText('10.0.0.1/8'))).toContain('10.0.0.0/8');
  });

  it('have ports and protocols', () => {
    expect(value(listOf(parsePortRange)('22,8000-8010'))).toEqual([
      [22, 22],
      [8000, 8010],
    ]);
    expect(listOf(parsePortRange)('22,').ok).toBe(false);
    expect(parsePortRange('9-8').ok).toBe(false);
    expect([parseProtocol('tcp'), parseProtocol('47')]).toEqual([
      { ok: true, value: 'tcp' },
      { ok: true, value: 47 },
    ]);
    expect(parseProtocol('256').ok).toBe(false);
  });

  it('may be none at all, or inherited', () => {
    expect(value(listOf(parsePrefixText)('none'))).toEqual([]);
    expect(value(orInherit(listOf(parsePrefixText))('inherit'))).toBe('inherit');
  });
});

describe('ends of rules', () => {
  it.each(['any', 'group:staff', 'client:alice', '10.20.0.0/16,2001:db8::/32', 'files.example.org'])(
    '%s is a destination, and is shown as it was written',
    (text) => {
      const parsed = parseDestination(text);
      expect(parsed.ok ? ruleEndText(parsed.value) : parsed.problem).toBe(text);
    },
  );

  it.each(['everyone', 'group:staff', 'client:alice', '10.20.0.0/16'])('%s is a subject', (text) => {
    const parsed = parseSubject(text);
    expect(parsed.ok ? ruleEndText(parsed.value) : parsed.problem).toBe(text);
  });

  it('are refused when they are nothing of that', () => {
    for (const text of ['', 'group:', 'staff!', 'client:Alice']) {
      expect([text, parseSubject(text).ok, parseDestination(text).ok]).toEqual([text, false, false]);
    }
    expect(value(parseDestination('10.20.0.1/16'))).toContain('10.20.0.0/16');
  });

  it('of a packet are addresses or clients', () => {
    expect(value(parseEndpoint('10.0.0.1'))).toEqual({ address: '10.0.0.1' });
    expect(value(parseEndpoint('alice'))).toEqual({ client: 'alice' });
    expect(value(parseEndpoint('client:10'))).toEqual({ client: '10' });
    expect(parseEndpoint('10.0.0.0/8').ok).toBe(false);
  });
});
