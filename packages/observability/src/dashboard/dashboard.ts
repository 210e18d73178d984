import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
  type Dashboard,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { annotations } from './annotations.js';
import { clients } from './rows/clients.js';
import { masque } from './rows/masque.js';
import { overview } from './rows/overview.js';
import { packets } from './rows/packets.js';
import { path } from './rows/path.js';
import { server } from './rows/server.js';
import { variables } from './variables.js';

/** Where the documents are; an operator sets the variable to another place. */
const documentation = '${documentation}';

/** The dashboard of `grafana/masque-vpn-dashboard.json`. */
export function makeDashboard(): Dashboard {
  const builder = new DashboardBuilder('masque-vpn')
    .uid('masque-vpn')
    .description('Generated from packages/observability; edit it there.')
    .tags(['masque-vpn', 'vpn'])
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .links([
      link('Metrics', `${documentation}/metrics.md`, 'What every metric means'),
      link('Runbooks', `${documentation}/runbooks.md`, 'What to do when an alert fires'),
    ])
    .annotations(annotations())
    .variables(variables());
  for (const row of [overview(), packets(), masque(), clients(), path(), server()]) {
    builder.withRow(new RowBuilder(row.title));
    for (const panel of row.panels) builder.withPanel(panel);
  }
  const dashboard = builder.build();
  // Links to a panel survive changes elsewhere only when ids are given and stay.
  dashboard.panels?.forEach((panel, index) => (panel.id = index + 1));
  return dashboard;
}

/** The file's text. */
export function dashboardText(): string {
  return `${JSON.stringify(makeDashboard(), null, 2)}\n`;
}

function link(title: string, url: string, tooltip: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title)
    .type(DashboardLinkType.Link)
    .icon('doc')
    .url(url)
    .tooltip(tooltip)
    .targetBlank(true);
}
