import type { Family } from '../family.js';
import type { HostNetwork, LookAhead } from '../host.js';
import { emptyPlan, type HostPlan } from '../plan.js';
import { planProblems } from '../planCheck.js';
import { failed, succeeded, type HostError, type HostResult } from '../result.js';
import type { Commands } from './command.js';
import { runIpBatch } from './ipBatch.js';
import { ipDifference, type IpDifference } from './ipDifference.js';
import type { Journal } from './journal.js';
import { readKernelState, type Interest, type KernelState } from './kernelState.js';
import type { NftTables, Vacancy } from './nftTables.js';
import { isEmptyRecord, type ChangeRecord, type SysctlRecord } from './record.js';
import { recordOf, union } from './targetRecord.js';
import type { Sysctls } from './sysctls.js';

/** What a {@link LinuxNetwork} works with. */
export interface LinuxNetworkParts {
  readonly commands: Commands;
  readonly nft: NftTables;
  readonly sysctls: Sysctls;
  readonly journal: Journal;
  /** Address families the kernel has. */
  readonly families: readonly Family[];
  /** What a predecessor left; the first change or `remove` deals with it. */
  readonly leftover: ChangeRecord;
  /** What dealing with it means, for people. */
  readonly recovered: readonly string[];
  /** Called once, when the journal is released. */
  readonly onReleased: () => void;
}

/** What of the host matters for a change. */
interface HostView {
  readonly vacancy: Vacancy;
  readonly state: KernelState;
}

/** {@link HostNetwork} on this machine's kernel. One change at a time; callers queue. */
export class LinuxNetwork implements HostNetwork {
  readonly recovered: readonly string[];
  readonly #parts: LinuxNetworkParts;
  /** What is changed now, or may be after an interrupted change. Same as the journal's content. */
  #record: ChangeRecord;
  #plan: HostPlan = emptyPlan;
  /** What `lookAhead` was asked for, and what it found. */
  #early: { readonly wanted: LookAhead; readonly view: Promise<HostResult<HostView>> } | null = null;
  #closed = false;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(parts: LinuxNetworkParts) {
    this.#parts = parts;
    this.#record = parts.leftover;
    this.recovered = parts.recovered;
  }

  lookAhead(wanted: LookAhead): void {
    if (this.#closed || !isEmptyRecord(this.#record)) return;
    const interest = { linkName: wanted.link, routesAndRules: true };
    // After changes under way; one that comes waits for this.
    this.#early = { wanted, view: this.#enqueue(async () => this.#look(interest, wanted.nft)) };
  }

  apply(plan: HostPlan): Promise<HostResult<void>> {
    // Here and not in its turn: a look that is asked for after this would wait for it.
    const early = this.#takeEarly(plan);
    return this.#enqueue(async () => {
      if (this.#closed) return failed('HOST_CLOSED', 'this owner has released its changes');
      const problems = planProblems(plan);
      if (problems.length > 0) return failed('HOST_PLAN_INVALID', problems.join('; '));
      const changed = await this.#reachFrom(early, plan);
      if (changed.ok) {
        this.#plan = plan;
        return changed;
      }
      const undone = await this.#reach(this.#plan);
      if (undone.ok) return changed;
      const { code, message } = changed.error;
      return failed(code, `${message} (and going back failed: ${undone.error.message})`);
    });
  }

  remove(): Promise<HostResult<void>> {
    this.#early = null;
    return this.#enqueue(async () => {
      const removed = await this.#reach(emptyPlan);
      if (removed.ok) this.#plan = emptyPlan;
      return removed;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const removed = await this.remove();
    await this.#enqueue(async () => {
      if (this.#closed) return;
      this.#closed = true;
      // The journal of what could not be removed stays for the next start.
      if (removed.ok) await this.#parts.journal.release();
      this.#parts.onReleased();
    });
  }

  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(task);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** The early view that suits this plan; none suits another one. */
  #takeEarly(plan: HostPlan): Promise<HostResult<HostView>> | null {
    const early = this.#early;
    this.#early = null;
    if (early === null || early.wanted.link !== plan.link?.name) return null;
    return plan.nft === null || early.wanted.nft === plan.nft.name ? early.view : null;
  }

  /** Leads to `plan` from what an early view shows; if that fails, from what is there by then. */
  async #reachFrom(early: Promise<HostResult<HostView>> | null, plan: HostPlan): Promise<HostResult<void>> {
    if (early !== null && isEmptyRecord(this.#record)) {
      const view = await early;
      const changed = view.ok ? await this.#change(plan, view.value) : view;
      if (changed.ok) return changed;
    }
    return this.#reach(plan);
  }

  /** Leads from whatever is there to `plan`. */
  async #reach(plan: HostPlan): Promise<HostResult<void>> {
    const interest = this.#interestOf(plan);
    if (!interest.ok) return interest;
    const view = await this.#look(interest.value, plan.nft?.name ?? null);
    return view.ok ? this.#change(plan, view.value) : view;
  }

  async #look(interest: Omit<Interest, 'families'>, nftTable: string | null): Promise<HostResult<HostView>> {
    const { commands, families, nft } = this.#parts;
    // Looking changes nothing, so all of it happens at once: each look is a process.
    const [vacancy, state] = await Promise.all([
      nftTable === null || this.#record.nft === nftTable
        ? succeeded('replace' as const)
        : nft.vacancy(nftTable),
      readKernelState(commands, { ...interest, families }),
    ]);
    if (!vacancy.ok) return vacancy;
    if (!state.ok) return state;
    return succeeded({ vacancy: vacancy.value, state: state.value });
  }

  /** Leads to `plan` from what `view` shows. */
  async #change(plan: HostPlan, { vacancy, state }: HostView): Promise<HostResult<void>> {
    const { journal, nft, sysctls, commands } = this.#parts;
    const before = this.#record;
    const difference = ipDifference(plan, before, state);
    if (!difference.ok) return difference;
    const wantedSysctls = await this.#prepareSysctls(plan);
    if (!wantedSysctls.ok) return wantedSysctls;

    const target = recordOf(plan, state, before, wantedSysctls.value);
    const recorded = await this.#keep(union(before, target));
    if (!recorded.ok) return recorded;

    // The filter is in place before anything can be forwarded, and outlives it.
    const loaded = plan.nft === null ? succeeded(undefined) : await nft.load(plan.nft, vacancy);
    if (!loaded.ok) {
      // All of it or nothing: a table that somebody else made in between is not ours to remove.
      if (loaded.error.code !== 'HOST_COMMAND_TIMEOUT')
        await this.#keep({ ...this.#record, nft: before.nft });
      return loaded;
    }
    for (const sysctl of wantedSysctls.value) {
      const changed = await sysctls.change(sysctl);
      if (!changed.ok && !isRefusalExpected(plan, sysctl, changed.error)) return changed;
    }
    const built = await runIpBatch(commands, difference.value.build, false);
    if (!built.ok) return built;

    const cleared = await this.#clear(plan, target, difference.value);
    if (!cleared.ok) return cleared;
    this.#record = target;
    return isEmptyRecord(before) && isEmptyRecord(target) ? succeeded(undefined) : journal.write(target);
  }

  /** Removes what is recorded and not in `target`; all of it is tried, the first failure is returned. */
  async #clear(plan: HostPlan, target: ChangeRecord, difference: IpDifference): Promise<HostResult<void>> {
    const { nft, sysctls } = this.#parts;
    const before = this.#record;
    const failures: HostResult<void>[] = [await this.#clearIp(plan, difference)];
    const kept = new Set(target.sysctls.map((sysctl) => sysctl.key));
    for (const sysctl of before.sysctls.toReversed()) {
      if (!kept.has(sysctl.key)) failures.push(await sysctls.restore(sysctl));
    }
    if (before.nft !== null && before.nft !== target.nft) failures.push(await nft.remove(before.nft));
    return failures.find((failure) => !failure.ok) ?? succeeded(undefined);
  }

  /**
   * What vanishes between looking and removing is no failure: the second look decides. Where the look before building
   * found nothing of ours to remove, building has added nothing to it.
   */
  async #clearIp(plan: HostPlan, difference: IpDifference): Promise<HostResult<void>> {
    if (difference.clear.length === 0) return succeeded(undefined);
    let outcome: HostResult<void> = succeeded(undefined);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const interest = this.#interestOf(plan);
      if (!interest.ok) return interest;
      const { commands, families } = this.#parts;
      const state = await readKernelState(commands, { ...interest.value, families });
      if (!state.ok) return state;
      const difference = ipDifference(plan, this.#record, state.value);
      if (!difference.ok) return difference;
      if (difference.value.clear.length === 0) return succeeded(undefined);
      outcome = await runIpBatch(this.#parts.commands, difference.value.clear, true);
      if (outcome.ok) return outcome;
    }
    return outcome;
  }

  /** What of the host matters for leading to `plan`. */
  #interestOf(plan: HostPlan): HostResult<Omit<Interest, 'families'>> {
    const record = this.#record;
    const linkName = plan.link?.name ?? record.link?.name ?? null;
    if (plan.link !== null && record.link !== null && plan.link.name !== record.link.name) {
      return failed(
        'HOST_PLAN_INVALID',
        `the link cannot change from ${record.link.name} to ${linkName ?? ''}`,
      );
    }
    const routesAndRules = [plan.routes, plan.rules, record.routes, record.rules].some(
      (list) => list.length > 0,
    );
    return succeeded({ linkName, routesAndRules });
  }

  async #prepareSysctls(plan: HostPlan): Promise<HostResult<SysctlRecord[]>> {
    const prepared: SysctlRecord[] = [];
    for (const sysctl of plan.sysctls) {
      const owned = this.#record.sysctls.find((record) => record.key === sysctl.key);
      const record = await this.#parts.sysctls.prepare(sysctl, owned);
      if (!record.ok) return record;
      if (record.value !== null) prepared.push(record.value);
    }
    return succeeded(prepared);
  }

  async #keep(record: ChangeRecord): Promise<HostResult<void>> {
    if (isEmptyRecord(record) && isEmptyRecord(this.#record)) return succeeded(undefined);
    const written = await this.#parts.journal.write(record);
    if (written.ok) this.#record = record;
    return written;
  }
}

function isRefusalExpected(plan: HostPlan, { key }: SysctlRecord, error: HostError): boolean {
  const wanted = plan.sysctls.find((sysctl) => sysctl.key === key);
  return wanted?.mayBeRefused === true && error.code === 'HOST_PERMISSION_DENIED';
}
