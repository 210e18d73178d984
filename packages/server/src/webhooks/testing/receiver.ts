import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly path: string;
}

/** The other end of a webhook on this machine. */
export class Receiver implements AsyncDisposable {
  readonly received: Received[] = [];
  /** What the next requests are answered with; the last one again and again. */
  answers: (number | 'nothing')[] = [200];
  /** Requests at the same time, at most. */
  mostAtOnce = 0;
  readonly #server: Server;
  #now = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.mostAtOnce = Math.max(this.mostAtOnce, (this.#now += 1));
      response.on('close', () => {
        this.#now -= 1;
      });
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { headers, url = '' } = request;
        this.received.push({ headers, path: url, body: Buffer.concat(chunks).toString('utf8') });
        const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
        if (answer === 'nothing' || answer === undefined) return;
        response.writeHead(answer, answer >= 300 && answer < 400 ? { location: `${this.url}elsewhere` } : {});
        response.end('thanks');
      });
    });
  }

  static async open(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
