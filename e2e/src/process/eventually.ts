/** How often a condition is looked at, milliseconds. */
const intervalMs = 50;

/** What a condition did not become in time. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
}

/**
 * Looks at `check` until it returns something other than undefined or false, and returns that.
 * A check that throws counts as "not yet"; its last error is part of the failure.
 * @param what what is waited for, for the failure's text
 */
export async function eventually<T>(
  what: string,
  check: () => Promise<T | undefined | false> | T | undefined | false,
  withinMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const { value, problem } = await look(check);
    if (value !== undefined && value !== false) return value;
    if (performance.now() >= deadline) {
      throw new DeadlineExceeded(
        `not within ${withinMs / 1000} s: ${what}${problem === '' ? '' : `; last error: ${problem}`}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

async function look<T>(check: () => Promise<T> | T): Promise<{ value: T | undefined; problem: string }> {
  try {
    return { value: await check(), problem: '' };
  } catch (error) {
    return { value: undefined, problem: error instanceof Error ? error.message : String(error) };
  }
}
