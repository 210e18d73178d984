/** A step that could not be done: what, why, and what to do about it. */
export class StepFailure extends Error {
  /**
   * @param {string} step what was being done
   * @param {string} reason why it failed
   * @param {string} fix what the reader can do, as exact as possible
   */
  constructor(step, reason, fix) {
    super(`${step}: ${reason}`);
    this.step = step;
    this.reason = reason;
    this.fix = fix;
  }
}

/** Somebody asked how a script is used: its message says it. */
export class HelpWanted extends Error {}

/**
 * Runs a script's main function; a failure becomes three lines and exit code 1, never a stack trace; help is printed.
 * @param {() => Promise<number>} main returns the exit code
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (error instanceof HelpWanted) {
      console.log(error.message);
      return;
    }
    if (!(error instanceof StepFailure)) throw error;
    console.error(`\n✗ ${error.step}\n  Why: ${error.reason}\n  Fix: ${error.fix}`);
    process.exitCode = 1;
  }
}
