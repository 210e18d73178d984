import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import {
  ConstantVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { contract } from '@masque-vpn/server/metrics';

/** The Prometheus that the variable `datasource` names. */
export const dataSource: DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

const { name: activeConnections } = contract.activeConnections;
const { name: bytesSent } = contract.bytesSent;

/** Data source, job, instance, client: from the widest to the narrowest, each limited by those before it; and the place of the documents. */
export function variables(): Builder<VariableModel>[] {
  return [
    new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    labelValues('job', 'Job', `label_values(${activeConnections}, job)`),
    labelValues('instance', 'Server', `label_values(${activeConnections}{job=~"$job"}, instance)`),
    labelValues(
      'client',
      'Client',
      `label_values(${bytesSent}{job=~"$job",instance=~"$instance"}, client_id)`,
    ).description('Clients that are connected, or were a short while ago'),
    documentation(),
  ];
}

/** Where deploy/compose.yaml lets Grafana serve docs/; changed in the dashboard's settings. */
function documentation(): Builder<VariableModel> {
  const place = new ConstantVariableBuilder('documentation').value('/public/masque-vpn');
  return { build: () => ({ ...place.build(), hide: VariableHide.HideVariable }) };
}

function labelValues(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(dataSource)
    .query({ qryType: 1, query, refId: `variable-${name}` })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .current({ selected: true, text: 'All', value: '$__all' });
}
