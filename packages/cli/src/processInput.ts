import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Input } from './world.js';

/** Standard input of this process. */
export function processInput(): Input {
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
