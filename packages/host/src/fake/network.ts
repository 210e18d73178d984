import type { HostNetwork, LookAhead } from '../host.js';
import { emptyPlan, type HostPlan } from '../plan.js';
import { planProblems } from '../planCheck.js';
import { failed, succeeded, type HostError, type HostResult } from '../result.js';

/** One owner's changes in memory. */
export class FakeHostNetwork implements HostNetwork {
  /** What is in place; {@link emptyPlan} before, after a removal and after disposal. */
  plan: HostPlan = emptyPlan;
  /** Every plan that was applied, in order. */
  readonly history: HostPlan[] = [];
  /** Everything that was asked to be looked at ahead, in order. */
  readonly looks: LookAhead[] = [];
  closed = false;
  readonly recovered: readonly string[];
  readonly #failures: HostError[] = [];
  readonly #onClosed: () => void;

  constructor(recovered: readonly string[], onClosed: () => void) {
    this.recovered = recovered;
    this.#onClosed = onClosed;
  }

  /** The next `apply` or `remove` fails with this and changes nothing. */
  failNext(error: HostError): void {
    this.#failures.push(error);
  }

  lookAhead(wanted: LookAhead): void {
    this.looks.push(wanted);
  }

  async apply(plan: HostPlan): Promise<HostResult<void>> {
    if (this.closed) return failed('HOST_CLOSED', 'this owner has released its changes');
    const problems = planProblems(plan);
    if (problems.length > 0) return failed('HOST_PLAN_INVALID', problems.join('; '));
    const failure = this.#failures.shift();
    if (failure !== undefined) return { ok: false, error: failure };
    this.plan = plan;
    this.history.push(plan);
    return succeeded(undefined);
  }

  async remove(): Promise<HostResult<void>> {
    const failure = this.#failures.shift();
    if (failure !== undefined) return { ok: false, error: failure };
    this.plan = emptyPlan;
    return succeeded(undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.closed) return;
    const removed = await this.remove();
    this.closed = true;
    if (removed.ok) this.#onClosed();
  }
}
