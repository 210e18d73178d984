import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** What people or programs say to a command. */
export interface Input {
  /** Whether somebody can be asked. */
  readonly isTerminal: boolean;
  /** Everything up to its end; null when there are more than `mostBytes`. */
  readAll(mostBytes: number): Promise<string | null>;
  /** One line in answer to a question; null when there is none. A secret is not shown while it is typed. */
  ask(question: string, options: { readonly secret: boolean }): Promise<string | null>;
}

/** Standard input of this process. */
export function standardInput(): Input {
  return {
    get isTerminal() {
      return process.stdin.isTTY && process.stderr.isTTY;
    },
    readAll: async (mostBytes) => {
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of process.stdin) {
        const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
        length += bytes.length;
        if (length > mostBytes) return null;
        chunks.push(bytes);
      }
      return Buffer.concat(chunks).toString('utf8');
    },
    ask: async (question, { secret }) => {
      process.stderr.write(question);
      // readline echoes what is typed to its output: for a secret that is nowhere.
      const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
      const lines = createInterface({
        input: process.stdin,
        output: secret ? nowhere : process.stderr,
        terminal: true,
      });
      const answer = await new Promise<string | null>((resolve) => {
        lines.once('line', resolve);
        lines.once('SIGINT', () => resolve(null));
        lines.once('close', () => resolve(null));
      });
      lines.close();
      if (secret || answer === null) process.stderr.write('\n');
      return answer;
    },
  };
}
