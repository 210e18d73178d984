import { dropReasons } from '@masque-vpn/engine';
import type { LabelValues, MetricDeclaration } from './contract.js';
import { packetMetrics } from './contract/packets.js';
import { promised } from './contract/promised.js';
import { serverMetrics } from './contract/server.js';
import { sessionMetrics } from './contract/sessions.js';
import { transportMetrics } from './contract/transport.js';
import { dropClassOf, dropsThatAreErrors } from './drops.js';

type Metrics = Readonly<Record<string, MetricDeclaration>>;

/** What `docs/metrics.md` contains: every metric of the contract, and what they have in common. */
export function metricsMarkdown(): string {
  return [
    introduction,
    section(
      'The reference',
      'What [metrics-reference.md](metrics-reference.md) promises, in its words.',
      promised,
    ),
    section('Packets', 'What the engine does with packets, in detail, and the audit of it.', packetMetrics),
    dropTable(),
    section('Paths and transport', pathsNote, transportMetrics),
    section('Requests and sessions', 'How requests are answered, and how sessions end.', sessionMetrics),
    section(
      'Server',
      'Workers, event loop, database, certificates, process, and the scrapes themselves.',
      serverMetrics,
    ),
  ].join('\n');
}

const introduction = `<!-- Generated from packages/server/src/metrics by "npm run docs:generate"; do not edit. -->

# Metrics

\`http://server:8080/metrics\` in Prometheus' text format 0.0.4, compressed with gzip for those who ask. OpenMetrics is
not offered: it demands that counters end in \`_total\`, which \`masque_vpn_total_connections\` and
\`masque_vpn_server_uptime_seconds\` of the reference do not.

- A *connection* in a metric's name is an admitted session; a QUIC connection is called one.
- *Inbound* is from a client towards the TUN, *outbound* from the TUN to a client; *sent* is to clients.
- Everything but the series of clients is there from the start, at 0. Counters never go backwards while the server runs.
- Durations are measured by a clock that never steps; only what is called a timestamp follows the system's.

## Clients and cardinality

\`client_id\` stands on seven metrics, about 30 series for each client. They begin at 0 when the client is admitted,
stay while it is connected and \`metrics.retention_minutes\` after its last session (at least 15, so that a session
shorter than a scrape interval shows in \`increase()\`), and then vanish. A client that comes back before goes on where
it was; one that comes back later begins at 0. What was counted under one label never moves to another. A Prometheus
sees a client that came since its last scrape at 0 once, and right from the next scrape on ([why](monitoring.md)).

- \`client_id="_other"\`: all clients beyond \`metrics.client_ceiling\` (10,000), from their first packet until they are
  forgotten; with \`metrics.per_client = false\` all clients.
- \`client_id="_none"\`: streams of connections that ended before anybody was admitted on them.
`;

const pathsNote = `Distributions over sessions: the path of every open session is observed every 5 seconds. Text format 0.0.4 has no
histogram of gauges; one of regular samples adds up over servers, and \`histogram_quantile()\` over its \`rate()\` gives
the quantiles over sessions of any period.`;

function section(title: string, text: string, metrics: Metrics): string {
  return [`## ${title}\n`, `${text}\n`, ...Object.values(metrics).map(entry)].join('\n');
}

function entry({
  name,
  type,
  help,
  unit,
  labels,
  combinations,
  buckets,
  fedBy,
  since,
}: MetricDeclaration): string {
  const perCombination = combinations === undefined ? '' : ` (${combinations.length} combinations)`;
  const lines = [
    `- **Type**: ${type[0]?.toUpperCase() ?? ''}${type.slice(1)}, ${unit}`,
    `- **Description**: ${help}`,
    `- **Labels**: ${labelList(labels)}${perCombination}`,
    ...(buckets === undefined ? [] : [`- **Buckets**: ${buckets.join(', ')}`]),
    `- **Fed by**: ${fedBy}`,
    `- **Since**: ${since}`,
  ];
  return [`### ${name}\n`, ...lines, ''].join('\n');
}

function labelList(labels: Readonly<Record<string, LabelValues>>): string {
  const list = Object.entries(labels).map(([name, values]) => `\`${name}\` (${valueList(values)})`);
  return list.length === 0 ? 'None' : list.join(', ');
}

function valueList(values: LabelValues): string {
  if (values === 'perClient') return 'each client';
  return values === 'atStart' ? 'one' : values.join(', ');
}

function dropTable(): string {
  const rows = dropReasons.map((reason) => {
    const error = dropsThatAreErrors.includes(reason) ? 'packet' : '';
    return `| ${reason} | ${dropClassOf[reason]} | ${error} |`;
  });
  return [
    '### Reasons of drops\n',
    'Each reason of `masque_vpn_engine_drops_total` counts in one `reason` of `masque_vpn_packet_drops_total`; some are',
    'errors as well.\n',
    '| engine’s reason | `reason` | `error_type` |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
