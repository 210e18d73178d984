import { callApi } from '../administration.mjs';

/** What the server's metrics said at one moment: series by name and labels, as they are written. */
export class Metrics {
  /** @param {string} text in Prometheus' format */
  constructor(text) {
    /** @type {Map<string, number>} */
    this.series = new Map();
    for (const line of text.split('\n')) {
      const space = line.lastIndexOf(' ');
      if (!line.startsWith('#') && space > 0)
        this.series.set(line.slice(0, space), Number(line.slice(space + 1)));
    }
  }

  /** @param {string} socket of administration */
  static async read(socket) {
    const { status, body } = await callApi(socket, 'GET', '/metrics');
    if (status !== 200) throw new Error(`metrics: ${status}`);
    return new Metrics(body);
  }

  /**
   * The sum of a metric's series, of those with a label if one is given. Fails when there is no such metric: a typing error is no 0.
   * @param {string} name
   * @param {string} [label] for instance `source="panic"`
   */
  sum(name, label = '') {
    const found = [...this.series].filter(([key]) => key === name || key.startsWith(`${name}{`));
    if (found.length === 0) throw new Error(`there is no metric ${name}`);
    return found.filter(([key]) => key.includes(label)).reduce((total, [, value]) => total + value, 0);
  }

  /** Series of a metric that are not 0. @param {string} name */
  nonZero(name) {
    return Object.fromEntries(
      [...this.series].filter(([key, value]) => key.startsWith(`${name}{`) && value !== 0),
    );
  }
}
