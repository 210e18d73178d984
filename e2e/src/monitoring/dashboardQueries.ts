import { readFile } from 'node:fs/promises';
import { inRepository } from '../repository.js';

/** A query of a panel as Grafana would send it. */
export interface PanelQuery {
  readonly row: string;
  readonly panel: string;
  readonly legend: string;
  readonly expression: string;
}

interface Element {
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

/** What Grafana puts in for variables with everything chosen, and a scrape interval of 15 seconds. */
const values: Readonly<Record<string, string>> = {
  $job: '.*',
  $instance: '.*',
  $client: '.*',
  $__rate_interval: '1m',
};

/** All queries of the dashboard that we deliver, in its order. */
export async function dashboardQueries(): Promise<readonly PanelQuery[]> {
  const text = await readFile(inRepository('grafana', 'masque-vpn-dashboard.json'), 'utf8');
  const { panels } = JSON.parse(text) as { readonly panels: readonly Element[] };
  const queries: PanelQuery[] = [];
  let row = '';
  for (const { type, title, targets = [] } of panels) {
    if (type === 'row') row = title;
    for (const { expr, legendFormat } of targets) {
      queries.push({ row, panel: title, legend: legendFormat, expression: withValues(expr) });
    }
  }
  return queries;
}

function withValues(expression: string): string {
  return expression.replaceAll(/\$\w+/g, (variable) => {
    const value = values[variable];
    if (value === undefined) throw new Error(`unknown variable ${variable} in ${expression}`);
    return value;
  });
}
