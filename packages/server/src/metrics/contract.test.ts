import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseExposition } from '../testing/exposition.js';
import { contract, promised, type MetricDeclaration } from './contract.js';
import { Registry } from './registry.js';

interface ReferenceMetric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: Readonly<Record<string, readonly string[]>>;
  readonly buckets: readonly number[] | null;
}

/** Reads `docs/metrics-reference.md` as text: what operators were promised. */
function readReference(): readonly ReferenceMetric[] {
  const text = readFileSync(new URL('../../../../docs/metrics-reference.md', import.meta.url), 'utf8');
  return text
    .split(/^### /m)
    .slice(1)
    .filter((section) => section.startsWith('masque_vpn_'))
    .map((section) => {
      const field = (name: string): string | null =>
        new RegExp(`^- \\*\\*${name}\\*\\*: (.*?)\\s*$`, 'm').exec(section)?.[1] ?? null;
      const buckets = field('Buckets');
      return {
        name: section.slice(0, section.indexOf('\n')).trim(),
        type: (field('Type') ?? '').toLowerCase(),
        help: field('Description') ?? '',
        labels: parseLabels(field('Labels') ?? ''),
        buckets: buckets === null ? null : buckets.split(',').map(Number),
      };
    });
}

/** `method` (CONNECT), `status` (success, failed) */
function parseLabels(text: string): Record<string, readonly string[]> {
  return Object.fromEntries(
    [...text.matchAll(/`([a-z_]+)`(?: \(([^)]*)\))?/g)].map(([, name = '', values = '']) => [
      name,
      values === '' ? [] : values.split(', '),
    ]),
  );
}

function declaredLabels(metric: MetricDeclaration): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(metric.labels).map(([name, values]) => [name, Array.isArray(values) ? values : []]),
  );
}

const reference = readReference();
const declared: readonly MetricDeclaration[] = Object.values(contract);

test('the reference has 19 metrics, and the contract promises the same in the same order', () => {
  expect(reference).toHaveLength(19);
  expect(Object.values(promised).map(({ name }) => name)).toEqual(reference.map(({ name }) => name));
});

test.each(reference)('$name has the type, help, labels and buckets of the reference', (promised) => {
  const metric = declared.find(({ name }) => name === promised.name);
  expect(metric).toMatchObject({ type: promised.type, help: promised.help });
  expect(metric === undefined ? null : declaredLabels(metric)).toEqual(promised.labels);
  if (promised.buckets !== null) expect(metric?.buckets).toEqual(promised.buckets);
});

test('a histogram has ascending buckets, nothing else has any', () => {
  for (const { name, type, buckets } of declared) {
    expect(buckets !== undefined, name).toBe(type === 'histogram');
    expect(buckets ?? [], name).toEqual([...(buckets ?? [])].sort((a, b) => a - b));
  }
});

test('every metric is exposed from the start, fixed label values at 0, client series not at all', () => {
  const exposed = parseExposition(new Registry().render());
  expect([...exposed.keys()]).toEqual(declared.map(({ name }) => name));
  for (const { name, type, help, labels, combinations } of declared) {
    const family = exposed.get(name);
    expect(family, name).toMatchObject({ type, help });
    const samples = family?.samples ?? [];
    expect(samples.every(({ value }) => value === 0)).toBe(true);
    const product = Object.values(labels).reduce(
      (count, values) => count * (Array.isArray(values) ? values.length : 1),
      1,
    );
    const counted =
      type === 'histogram' ? samples.filter((sample) => sample.name === `${name}_count`) : samples;
    expect(counted, name).toHaveLength('client_id' in labels ? 0 : (combinations?.length ?? product));
  }
});
