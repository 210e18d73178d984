import type { Panel, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import { contract } from '@masque-vpn/server/metrics';
import { describe, expect, it } from 'vitest';
import { recordedNames } from '../promql/recorded.js';
import { unknownNames } from '../testing/metricNames.js';
import { dashboardText, makeDashboard } from './dashboard.js';

/** What the tests read of a target; the SDK types it as anything. */
interface Target {
  readonly refId?: string;
  readonly expr?: string;
  readonly legendFormat?: string;
  readonly datasource?: { readonly type?: string; readonly uid?: string };
}

const dashboard = makeDashboard();
const elements = dashboard.panels ?? [];
const panels = elements.filter((element): element is Panel => element.type !== 'row');
const targetsOf = (panel: Panel): readonly Target[] => (panel.targets ?? []) as readonly Target[];
const expressions = panels.flatMap((panel) => targetsOf(panel).map(({ expr = '' }) => expr));
const variables: readonly VariableModel[] = dashboard.templating.list ?? [];

describe('the dashboard', () => {
  it('is grafana/masque-vpn-dashboard.json; "npm run docs:generate" writes it', async () => {
    await expect(dashboardText()).toMatchFileSnapshot('../../../../grafana/masque-vpn-dashboard.json');
  });

  it('has the rows that operators look for', () => {
    expect(elements.filter(({ type }) => type === 'row').map(({ title }) => title)).toEqual([
      'Overview',
      'Packets',
      'MASQUE',
      'Clients',
      'Path and transport',
      'Server',
    ]);
  });

  it.for(panels.map((panel) => ({ title: panel.title ?? '', panel })))(
    '$title has a description, a unit, thresholds and named series',
    ({ panel }) => {
      const { defaults } = panel.fieldConfig ?? {};
      expect(panel.description).toMatch(/\.$/);
      expect(defaults?.unit).toMatch(/./);
      expect(defaults?.thresholds?.steps.length).toBeGreaterThan(0);
      expect(targetsOf(panel).length).toBeGreaterThan(0);
      for (const { legendFormat, datasource } of targetsOf(panel)) {
        expect(legendFormat).toMatch(/./);
        expect(datasource).toEqual({ type: 'prometheus', uid: '${datasource}' });
      }
      const references = targetsOf(panel).map(({ refId }) => refId);
      expect(new Set(references).size).toBe(references.length);
    },
  );

  it('asks only for metrics of the contract, recorded rules, and what Prometheus adds to a scrape', () => {
    const annotations = (dashboard.annotations.list ?? []).map(({ expr = '' }) => expr);
    const queries = variables.map(({ definition = '' }) => definition);
    expect(unknownNames([...expressions, ...annotations, ...queries].join('\n'))).toEqual([]);
  });

  it('shows every metric of the reference', () => {
    const everything = expressions.join('\n');
    const recordedSources = new Set<string>([
      'masque_vpn_ip_pool_used',
      'masque_vpn_bytes_sent_total',
      'masque_vpn_bytes_received_total',
      'masque_vpn_packets_sent_total',
      'masque_vpn_packets_received_total',
    ]);
    const missing = Object.values(contract)
      .map(({ name }) => name)
      .slice(0, 19)
      .filter((name) => !everything.includes(name) && !recordedSources.has(name));
    expect(missing).toEqual([]);
  });

  it('reads every recorded series that the dashboard is meant to read', () => {
    expect(Object.values(recordedNames).filter((name) => !expressions.join('\n').includes(name))).toEqual([]);
  });

  it('follows the chosen job and server in every query', () => {
    expect(
      expressions.filter((expr) => !expr.includes('job=~"$job"') || !expr.includes('instance=~"$instance"')),
    ).toEqual([]);
  });

  it('never pretends to have data', () => {
    expect(expressions.filter((expr) => /\bvector\(|\babsent/.test(expr))).toEqual([]);
  });

  it('lets people choose data source, job, server and client', () => {
    expect(variables.map(({ name }) => name)).toEqual([
      'datasource',
      'job',
      'instance',
      'client',
      'documentation',
    ]);
  });

  it('can be imported: no id of its own, a stable uid, ids and places that do not collide', () => {
    expect(dashboard.id).toBeUndefined();
    expect(dashboard.uid).toBe('masque-vpn');
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39);
    const ids = elements.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const cells = panels.flatMap(({ gridPos }) => {
      if (gridPos === undefined) throw new Error('a panel without a place');
      const { x, y, w, h } = gridPos;
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
  });

  it('links to what the metrics mean and what to do about alerts', () => {
    expect((dashboard.links ?? []).map(({ url }) => url)).toEqual([
      '${documentation}/metrics.md',
      '${documentation}/runbooks.md',
    ]);
  });
});
