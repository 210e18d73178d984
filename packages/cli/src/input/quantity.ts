import { means, type Parsed, wrong } from './parsed.js';

const factors: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** `50Mbit/s`, `50M`, `1.5Gbit` → bytes per second; a prefix without unit counts bits, as line speeds do. */
export function parseRate(text: string): Parsed<number> {
  const [, number = '', prefix = '', unit = ''] =
    /^(\d{1,12}(?:\.\d{1,6})?)\s*([kKmMgGtT]?)(bit|bps|b|B)?(?:\/s)?$/.exec(text) ?? [];
  const factor = factors[prefix.toLowerCase()];
  if (number === '' || factor === undefined) return wrong('must be a rate like 50Mbit/s or 6MB/s');
  const bitsPerUnit = unit === 'B' ? 8 : 1;
  return means(Math.round((Number(number) * factor * bitsPerUnit) / 8));
}

/** `500GB`, `1.5TB`, `1000` → bytes, decimal prefixes. */
export function parseSize(text: string): Parsed<number> {
  const [, number = '', prefix = ''] = /^(\d{1,15}(?:\.\d{1,6})?)\s*([kKmMgGtT]?)B?$/.exec(text) ?? [];
  const factor = factors[prefix.toLowerCase()];
  if (number === '' || factor === undefined) return wrong('must be a size like 500GB');
  const bytes = Math.round(Number(number) * factor);
  return Number.isSafeInteger(bytes) ? means(bytes) : wrong('is more than can be counted');
}

/** A whole number between two others. */
export function wholeNumber(least: number, most: number): (text: string) => Parsed<number> {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most
      ? means(value)
      : wrong(`must be a whole number from ${least} to ${most}`);
  };
}
