/** Pieces of Prometheus' text exposition format 0.0.4; one line ends with `\n`. */

export const contentType = 'text/plain; version=0.0.4; charset=utf-8';

/** `# HELP` and `# TYPE` of one metric. */
export function familyHeader(name: string, type: string, help: string): string {
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
}

/** `name="value"` with the value escaped: backslash, double quote, line feed. */
export function labelPair(name: string, value: string): string {
  return `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** Two lists of label pairs as one; either may be empty. */
export function joinPairs(first: string, second: string): string {
  if (first === '') return second;
  return second === '' ? first : `${first},${second}`;
}

/** A sample's value as the format spells it. */
export function sampleValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
