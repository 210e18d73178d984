import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { recordedNames } from '../promql/recorded.js';
import { rulesOf, unknownNames, type RuleGroups } from '../testing/metricNames.js';
import { repositoryFile } from '../testing/repository.js';

interface AlertTest {
  readonly alertname: string;
  readonly exp_alerts: readonly unknown[];
}
interface TestFile {
  readonly tests: readonly { readonly alert_rule_test?: readonly AlertTest[] }[];
}

const alerts = rulesOf('alerts.yml');
const alertNames = alerts.map(({ alert = '' }) => alert);
const testFiles = ['reference', 'server', 'certificates', 'traffic', 'scrapes'];
const alertTests = testFiles.flatMap((file) =>
  (parse(repositoryFile(`prometheus/tests/${file}.yml`)) as TestFile).tests.flatMap(
    ({ alert_rule_test: tests = [] }) => tests,
  ),
);

describe('the alerts', () => {
  it('begin with those of the reference, word for word', () => {
    const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(repositoryFile('docs/metrics-reference.md')) ?? [];
    const promised = parse(yaml) as RuleGroups;
    const ours = parse(repositoryFile('prometheus/alerts.yml')) as RuleGroups;
    expect(promised.groups).toHaveLength(1);
    expect(ours.groups[0]).toEqual(promised.groups[0]);
  });

  it('ask only for what the server or a recording rule provides', () => {
    expect(unknownNames(alerts.map(({ expr }) => expr).join('\n'))).toEqual([]);
    expect(
      unknownNames(
        rulesOf('recording.yml')
          .map(({ expr }) => expr)
          .join('\n'),
      ),
    ).toEqual([]);
  });

  it('are told apart by name', () => {
    expect(new Set(alertNames).size).toBe(alertNames.length);
  });

  it.for(alertNames)('%s has a section in docs/runbooks.md', (name) => {
    expect(repositoryFile('docs/runbooks.md')).toContain(`\n## ${name}\n`);
  });

  it.for(
    alerts.slice(2).map(({ alert = '', annotations }) => ({ alert, runbook: annotations?.['runbook'] })),
  )('$alert names its section', ({ alert, runbook }) => {
    expect(runbook).toBe(`docs/runbooks.md#${alert.toLowerCase()}`);
  });

  it.for(alertNames)('%s is tested with promtool, firing and not firing', (name) => {
    const own = alertTests.filter(({ alertname }) => alertname === name);
    expect(own.some(({ exp_alerts }) => exp_alerts.length > 0)).toBe(true);
    expect(own.some(({ exp_alerts }) => exp_alerts.length === 0)).toBe(true);
  });

  it.for(alerts)('$alert has a severity', ({ labels }) => {
    expect(['info', 'warning', 'critical']).toContain(labels?.['severity']);
  });
});

describe('a name that nothing provides', () => {
  it('is found in a query', () => {
    const text =
      'rate(masque_vpn_bytes_sent_total[1m]) + masque_vpn_nothing + instance:masque_vpn_nothing:rate1m';
    expect(unknownNames(text)).toEqual(['masque_vpn_nothing', 'instance:masque_vpn_nothing:rate1m']);
    // A histogram has no series of its own name.
    expect(unknownNames('masque_vpn_path_rtt_seconds')).toEqual(['masque_vpn_path_rtt_seconds']);
  });
});

describe('the runbooks', () => {
  it('have no section without an alert', () => {
    const sections = [...repositoryFile('docs/runbooks.md').matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    expect(sections.filter((name) => name === undefined || !alertNames.includes(name))).toEqual([]);
  });
});

describe('the recording rules', () => {
  it('are those that the dashboard reads, and those that others are made from', () => {
    const recorded = rulesOf('recording.yml').map(({ record = '' }) => record);
    expect(recorded).toEqual(expect.arrayContaining(Object.values(recordedNames)));
    const readers = [...rulesOf('recording.yml'), ...alerts].map(({ expr }) => expr).join('\n');
    const names: readonly string[] = Object.values(recordedNames);
    expect(recorded.filter((name) => !names.includes(name) && !readers.includes(name))).toEqual([]);
  });
});
