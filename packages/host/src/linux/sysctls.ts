import { readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { SysctlPlan } from '../plan.js';
import { failed, succeeded, type HostResult } from '../result.js';
import type { SysctlRecord } from './record.js';

/** Kernel parameters as files. */
export class Sysctls {
  readonly #root: string;

  /** @param root normally `/proc/sys` */
  constructor(root: string) {
    this.#root = root;
  }

  /** The parameter's value, words joined by one space; null where the kernel has none. */
  async read(key: string): Promise<string | null> {
    try {
      // Memory of the kernel: that takes less time than to ask another thread for it.
      return readFileSync(join(this.#root, key), 'utf8').trim().replace(/\s+/g, ' ');
    } catch {
      return null;
    }
  }

  /**
   * What a plan's parameter means now: nothing to do (null), or the record of the change to make.
   * `owned` is the record of an earlier change of the same parameter, whose `previous` stays the truth.
   */
  async prepare(plan: SysctlPlan, owned: SysctlRecord | undefined): Promise<HostResult<SysctlRecord | null>> {
    const current = await this.read(plan.key);
    if (current === null) {
      return plan.optional === true
        ? succeeded(null)
        : failed('HOST_SYSCTL_FAILED', `the kernel has no parameter ${plan.key}`);
    }
    if (owned !== undefined) return succeeded({ ...owned, value: plan.value });
    if (current === plan.value) return succeeded(null);
    if (plan.onlyFrom !== undefined && !plan.onlyFrom.includes(current)) return succeeded(null);
    const dependants = await this.#dependants(plan.key);
    return succeeded({ key: plan.key, value: plan.value, previous: current, dependants });
  }

  /** Writes the recorded value unless it is there. */
  async change(record: SysctlRecord): Promise<HostResult<void>> {
    if ((await this.read(record.key)) === record.value) return succeeded(undefined);
    return this.#write(record.key, record.value);
  }

  /** Restores what was there before, if the value is still ours; a parameter that vanished with its interface is fine. */
  async restore(record: SysctlRecord): Promise<HostResult<void>> {
    if ((await this.read(record.key)) !== record.value) return succeeded(undefined);
    const restored = await this.#write(record.key, record.previous);
    if (!restored.ok) return restored;
    for (const [key, value] of Object.entries(record.dependants)) {
      const current = await this.read(key);
      if (current === null || current === value) continue;
      const dependant = await this.#write(key, value);
      if (!dependant.ok) return dependant;
    }
    return succeeded(undefined);
  }

  /** `conf/all/forwarding` sets every interface's; they may have differed. */
  async #dependants(key: string): Promise<Record<string, string>> {
    const match = /^(net\/ipv[46]\/conf)\/all\/forwarding$/.exec(key);
    const folder = match?.[1];
    if (folder === undefined) return {};
    const dependants: Record<string, string> = {};
    for (const name of await readdir(join(this.#root, folder)).catch(() => [])) {
      const value = name === 'all' ? null : await this.read(`${folder}/${name}/forwarding`);
      if (value !== null) dependants[`${folder}/${name}/forwarding`] = value;
    }
    return dependants;
  }

  async #write(key: string, value: string): Promise<HostResult<void>> {
    try {
      await writeFile(join(this.#root, key), `${value}\n`, { flag: 'r+' });
      return succeeded(undefined);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
      const denied = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
      return failed(
        denied ? 'HOST_PERMISSION_DENIED' : 'HOST_SYSCTL_FAILED',
        `cannot set ${key} to ${value}: ${code}`,
      );
    }
  }
}
