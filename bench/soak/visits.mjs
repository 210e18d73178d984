/** What `visitors.mjs` printed. */
export class Visits {
  /** @param {string} output */
  constructor(output) {
    const lines = output.split('\n').filter((line) => line.trim() !== '');
    /** @type {{ visitor: number, seconds: number, mib?: number, intact?: boolean, error?: string }[]} */
    this.all = [];
    /** @type {string[]} */
    this.errors = [];
    for (const line of lines) {
      if (!line.startsWith('{')) this.errors.push(`visitors: ${line}`);
      else this.all.push(JSON.parse(line));
    }
    for (const { visitor, error } of this.all)
      if (error !== undefined) this.errors.push(`visitor ${visitor}: ${error}`);
  }

  summary() {
    const intact = this.all.filter((visit) => visit.intact === true);
    return {
      made: this.all.length,
      intact: intact.length,
      corrupt: this.all.filter((visit) => visit.intact === false).length,
      failed: this.all.filter(({ error }) => error !== undefined).length,
      gigabytes: (intact.reduce((sum, { mib = 0 }) => sum + mib, 0) * 1_048_576) / 1e9,
    };
  }
}
