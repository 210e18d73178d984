/** One metric of a text exposition. */
export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: ParsedSample[];
}

export interface ParsedSample {
  /** With `_bucket`, `_sum`, `_count` for histograms. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A strict reader of Prometheus' text format 0.0.4, for tests: anything it does not know is an error. */
export function parseExposition(text: string): ReadonlyMap<string, ParsedFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line has no line feed');
  const families = new Map<string, ParsedFamily>();
  let current: ParsedFamily | null = null;
  let help: { name: string; text: string } | null = null;
  for (const line of text.slice(0, -1).split('\n')) {
    const helpMatch = /^# HELP (\S+) (.*)$/.exec(line);
    const typeMatch = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line);
    if (helpMatch !== null) {
      help = { name: helpMatch[1] ?? '', text: helpMatch[2] ?? '' };
    } else if (typeMatch !== null) {
      const name = typeMatch[1] ?? '';
      if (help?.name !== name) throw new Error(`${name} has no help`);
      if (families.has(name)) throw new Error(`${name} appears twice`);
      current = { name, type: typeMatch[2] ?? '', help: help.text, samples: [] };
      families.set(name, current);
    } else {
      const sample = parseSample(line);
      if (current === null || !sample.name.startsWith(current.name)) throw new Error(`stray sample: ${line}`);
      current.samples.push(sample);
    }
  }
  return families;
}

/** The value of one sample; null where there is no such series. */
export function sampleOf(
  text: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | null {
  const wanted = JSON.stringify(Object.entries(labels).toSorted());
  for (const family of parseExposition(text).values()) {
    for (const sample of family.samples) {
      if (sample.name === name && JSON.stringify(Object.entries(sample.labels).toSorted()) === wanted) {
        return sample.value;
      }
    }
  }
  return null;
}

function parseSample(line: string): ParsedSample {
  const match = /^([a-z0-9_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (match === null) throw new Error(`not a sample: ${line}`);
  const [, name = '', inner = '', valueText = ''] = match;
  const value = valueText === '+Inf' ? Number.POSITIVE_INFINITY : Number(valueText);
  if (Number.isNaN(value)) throw new Error(`not a value: ${line}`);
  return { name, labels: parseLabels(inner), value };
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest !== '') {
    const match = /^([a-z_]+)="((?:[^"\\]|\\.)*)"(?:,|$)/.exec(rest);
    if (match === null) throw new Error(`not a label: ${rest}`);
    const [whole, name = '', raw = ''] = match;
    if (name in labels) throw new Error(`label ${name} twice`);
    labels[name] = raw.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    rest = rest.slice(whole.length);
  }
  return labels;
}
