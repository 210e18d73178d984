import { contract, type MetricKey } from '@masque-vpn/server/metrics';

type Contract = typeof contract;
type LabelOf<Key extends MetricKey> = Extract<keyof Contract[Key]['labels'], string>;
/** Conditions on a metric's own labels, as PromQL writes them after the name: `="auth"` or `=~"$client"`. */
export type Conditions<Key extends MetricKey> = Readonly<Partial<Record<LabelOf<Key>, string>>>;
type KeyOfType<Type extends string> = {
  [Key in MetricKey]: Contract[Key]['type'] extends Type ? Key : never;
}[MetricKey];
export type CounterKey = KeyOfType<'counter'>;
export type HistogramKey = KeyOfType<'histogram'>;

/** What the dashboard's variables choose; every query has it. */
export const chosen = 'job=~"$job",instance=~"$instance"';

/** Grafana picks this window so that it holds at least four scrapes. */
const window = '[$__rate_interval]';

/** All chosen series of a metric; a name or label that the contract does not have does not compile. */
export function series<Key extends MetricKey>(key: Key, conditions?: Conditions<Key>): string {
  return selector(contract[key].name, conditions);
}

/** Growth per second of a counter, summed over all labels but `by` (and the instance, always kept). */
export function rate<Key extends CounterKey>(
  key: Key,
  by: readonly LabelOf<Key>[] = [],
  conditions?: Conditions<Key>,
): string {
  return `${sum(by)} (rate(${series(key, conditions)}${window}))`;
}

/** Observations per second of a histogram. */
export function observations<Key extends HistogramKey>(key: Key, by: readonly LabelOf<Key>[] = []): string {
  return `${sum(by)} (rate(${selector(`${contract[key].name}_count`, {})}${window}))`;
}

/** Mean of what a histogram observed. */
export function mean<Key extends HistogramKey>(key: Key, by: readonly LabelOf<Key>[] = []): string {
  const { name } = contract[key];
  const part = (suffix: string): string => `${sum(by)} (rate(${selector(name + suffix, {})}${window}))`;
  return `${part('_sum')} / ${part('_count')}`;
}

/** Quantile of a histogram, estimated within its buckets; over `range` instead of the rate window where one is given. */
export function quantile<Key extends HistogramKey>(
  q: number,
  key: Key,
  {
    by = [],
    conditions,
    range = window,
  }: {
    readonly by?: readonly LabelOf<Key>[];
    readonly conditions?: Conditions<Key>;
    readonly range?: string;
  } = {},
): string {
  const buckets = selector(`${contract[key].name}_bucket`, conditions);
  return `histogram_quantile(${q}, ${sum(['le', ...by])} (rate(${buckets}${range})))`;
}

/** `name{…}` of any metric with the chosen job and instance. */
export function selector(
  name: string,
  conditions: Readonly<Record<string, string | undefined>> = {},
): string {
  const own = Object.entries(conditions).map(([label, condition]) => `,${label}${condition ?? '=~".*"'}`);
  return `${name}{${chosen}${own.join('')}}`;
}

function sum(by: readonly string[]): string {
  return `sum by (${['instance', ...by].join(', ')})`;
}
