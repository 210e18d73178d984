import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from '../lab/machine.js';
import { Daemon } from '../process/daemon.js';
import { eventually } from '../process/eventually.js';
import { inRepository } from '../repository.js';

/** One series of an answer, with its value now. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One alert that is pending or fires. */
export interface Alert {
  readonly name: string;
  readonly state: 'pending' | 'firing';
  readonly labels: Readonly<Record<string, string>>;
}

/** One rule as Prometheus sees it. */
export interface LoadedRule {
  readonly name: string;
  readonly type: 'alerting' | 'recording';
  readonly health: string;
  readonly lastError: string;
}

/** As Prometheus writes its answers; only what we read. */
interface Answer<Data> {
  readonly status: string;
  readonly error?: string;
  readonly data: Data;
}
type Labels = Readonly<Record<string, string>>;
interface QueryData {
  readonly resultType: 'vector' | 'scalar';
  readonly result: readonly { readonly metric: Labels; readonly value: readonly [number, string] }[];
}
interface AlertData {
  readonly alerts: readonly { readonly labels: Labels; readonly state: 'pending' | 'firing' }[];
}
interface RuleData {
  readonly groups: readonly {
    readonly rules: readonly (Partial<LoadedRule> & { readonly name: string })[];
  }[];
}

/** What is different from one Prometheus to another. */
export interface PrometheusOptions {
  /** For its configuration and data. */
  readonly directory: string;
  /** Where a server shows its metrics: address and port. */
  readonly target: string;
  /** How long alerts wait, instead of the time that they have in `prometheus/alerts.yml`. */
  readonly patience: string;
  /** Default: 9090. */
  readonly port?: number;
  /** The name that it gives itself when it scrapes; default: none. */
  readonly scraper?: string;
}

/** Where the rules come from: as they are delivered. */
const ruleFiles = ['recording.yml', 'alerts.yml'] as const;

/** Debian's Prometheus on a machine of a lab: scrapes one server every second and evaluates our rules as often. */
export class Prometheus implements AsyncDisposable {
  private constructor(
    private readonly machine: Machine,
    private readonly daemon: Daemon,
    private readonly port: number,
  ) {}

  static async start(
    machine: Machine,
    { directory, target, patience, port = 9090, scraper }: PrometheusOptions,
  ): Promise<Prometheus> {
    await mkdir(directory, { recursive: true });
    for (const file of ruleFiles) {
      const text = await readFile(inRepository('prometheus', file), 'utf8');
      await writeFile(join(directory, file), text.replaceAll(/^( +for:) .*$/gm, `$1 ${patience}`));
    }
    const configuration = join(directory, 'prometheus.yml');
    await writeFile(configuration, configurationFor(target, scraper));
    const daemon = new Daemon(
      machine.namespace.inside({
        program: 'prometheus',
        args: [
          ...['--config.file', configuration, '--storage.tsdb.path', join(directory, 'data')],
          ...['--web.listen-address', `127.0.0.1:${port}`, '--log.level', 'warn'],
        ],
      }),
    );
    const prometheus = new Prometheus(machine, daemon, port);
    await eventually(
      'a first scrape',
      async () => {
        if (!daemon.running) throw new Error(`Prometheus ended:\n${daemon.output}`);
        return (await prometheus.value('up')) === 1;
      },
      20_000,
    );
    return prometheus;
  }

  /** Evaluates an expression now. */
  async query(expression: string): Promise<readonly Series[]> {
    const { result } = await this.get<QueryData>(`query?query=${encodeURIComponent(expression)}`);
    return result.map(({ metric, value: [, text] }) => ({ labels: metric, value: number(text) }));
  }

  /** The value of an expression that has to be a single series. */
  async value(expression: string): Promise<number> {
    const [first, ...more] = await this.query(expression);
    if (first === undefined || more.length > 0) throw new Error(`not one series: ${expression}`);
    return first.value;
  }

  /**
   * Waits until two scrapes that began after now are stored, and returns whatever `read` then returns: the first
   * shows a client that it sees for the first time at 0.
   */
  async afterScrape<T>(read: () => Promise<T>): Promise<T> {
    let since = Date.now() / 1000;
    for (let scrape = 0; scrape < 2; scrape++) {
      since = await eventually('a new scrape', async () => {
        const at = await this.value('timestamp(up)');
        return at > since ? at : undefined;
      });
    }
    return read();
  }

  async alerts(): Promise<readonly Alert[]> {
    const { alerts } = await this.get<AlertData>('alerts');
    return alerts.map(({ labels, state }) => ({ name: labels['alertname'] ?? '', state, labels }));
  }

  async rules(): Promise<readonly LoadedRule[]> {
    const { groups } = await this.get<RuleData>('rules');
    return groups.flatMap(({ rules }) =>
      rules.map(({ name, type = 'recording', health = '', lastError = '' }) => ({
        name,
        type,
        health,
        lastError,
      })),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.daemon[Symbol.asyncDispose]();
  }

  private async get<Data>(path: string): Promise<Data> {
    const { body } = await this.machine.agent.call('get', {
      url: `http://127.0.0.1:${this.port}/api/v1/${path}`,
    });
    const answer = JSON.parse(body) as Answer<Data>;
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error ?? body}`);
    return answer.data;
  }
}

function configurationFor(target: string, scraper: string | undefined): string {
  return [
    'global: { scrape_interval: 1s, evaluation_interval: 1s }',
    `rule_files: [${ruleFiles.join(', ')}]`,
    'scrape_configs:',
    '  - job_name: masque-vpn',
    ...(scraper === undefined ? [] : [`    params: { scraper: [${scraper}] }`]),
    `    static_configs: [{ targets: ['${target}'] }]`,
    '',
  ].join('\n');
}

function number(text: string): number {
  return text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text);
}
