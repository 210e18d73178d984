import { contract } from '@masque-vpn/server/metrics';
import { parse } from 'yaml';
import { repositoryFile } from './repository.js';

/** One rule of a rule file. */
export interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Groups of a rule file, as Prometheus reads them. */
export interface RuleGroups {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

/** All rules of a rule file of `prometheus/`. */
export function rulesOf(file: 'alerts.yml' | 'recording.yml'): readonly Rule[] {
  return (parse(repositoryFile(`prometheus/${file}`)) as RuleGroups).groups.flatMap(({ rules }) => rules);
}

/** Names that the contract's metrics have in queries: a histogram is three series. */
function scrapedNames(): readonly string[] {
  return Object.values(contract).flatMap(({ name, type }) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
}

/** Names with `masque_vpn` in a PromQL text that nothing provides. */
export function unknownNames(text: string): readonly string[] {
  const provided = new Set([...scrapedNames(), ...rulesOf('recording.yml').map(({ record = '' }) => record)]);
  const used = new Set(
    [...text.matchAll(/[a-zA-Z_][\w:]*masque_vpn\w*(?::\w+)?|\bmasque_vpn_\w+/g)].map(String),
  );
  return [...used].filter((name) => !provided.has(name));
}
