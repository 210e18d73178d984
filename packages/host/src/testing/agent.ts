import { createInterface } from 'node:readline';

/** What an agent can be asked; arguments and answers are JSON. */
export type AgentMethods = Readonly<Record<string, (argument: never) => Promise<unknown>>>;

/**
 * The other end of `Namespace.agent`: answers requests on stdin, one JSON per line, until stdin ends.
 * Then the process ends at once, cleaning up nothing: what must be tidy is asked for.
 */
export async function serveAgent(methods: AgentMethods): Promise<never> {
  for await (const line of createInterface({ input: process.stdin })) {
    const { method, argument } = JSON.parse(line) as { method: string; argument: never };
    const answer = await methods[method]?.(argument).then(
      (value) => ({ value }),
      (error: unknown) => ({
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }),
    );
    process.stdout.write(`${JSON.stringify(answer ?? { error: `no method ${method}` })}\n`);
  }
  process.exit(0);
}
