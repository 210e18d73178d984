const prefixes = ['', 'k', 'M', 'G', 'T', 'P'] as const;

/** Three significant digits with a decimal prefix: `0`, `999`, `1.50 k`, `12.3 M`. */
function scaled(value: number): string {
  let rest = value;
  let step = 0;
  // 999.5 would be written as 1000.
  while (rest >= 999.5 && step < prefixes.length - 1) {
    rest /= 1000;
    step += 1;
  }
  if (step === 0) return `${Math.round(rest)} `;
  const digits = rest >= 99.95 ? 0 : rest >= 9.995 ? 1 : 2;
  return `${rest.toFixed(digits)} ${prefixes[step] ?? ''}`;
}

/** `1.50 kB` */
export function bytes(count: number): string {
  return `${scaled(count)}B`;
}

/** `12.3 Mbit/s` */
export function bitRate(bitsPerSecond: number): string {
  return `${scaled(bitsPerSecond)}bit/s`;
}

/** The two largest units: `3 d 4 h`, `12 min 5 s`, `0 s`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** `2026-03-01 12:00:05 UTC` */
export function instant(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ').concat(' UTC');
}
