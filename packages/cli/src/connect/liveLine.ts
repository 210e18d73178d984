import type { Clock, ClientStatus } from '@masque-vpn/client';
import type { Output } from '../world.js';
import { statusLine, type Reading } from './statusLine.js';

const redrawMs = 1000;
/** Back to the first column, and erase to the end of the line (ECMA-48). */
const erase = '\r\u001b[K';

/** One line at the bottom of a terminal that shows a client's status, drawn anew each second. */
export class LiveLine implements Disposable {
  #read: (() => ClientStatus) | null = null;
  #before: Reading | null = null;
  #shown = '';
  #timer: Disposable | null = null;
  #ended = false;

  readonly #out: Output;
  readonly #clock: Clock;

  constructor(out: Output, clock: Clock) {
    this.#out = out;
    this.#clock = clock;
  }

  start(status: () => ClientStatus): void {
    this.#read = status;
    this.#draw();
  }

  /** Writes whole lines above the live one, which says at once what has changed. */
  above(text: string): void {
    this.#out.write(`${this.#shown === '' ? '' : erase}${text}`);
    this.#shown = '';
    if (this.#timer !== null) this.#show();
  }

  /** Leaves the line empty. */
  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
    this.#ended = true;
    if (this.#shown !== '') this.#out.write(erase);
    this.#shown = '';
  }

  #draw(): void {
    if (this.#ended) return;
    this.#show();
    const now = this.#clock.now();
    if (this.#read !== null) this.#before = { status: this.#read(), atMs: now };
    this.#timer = this.#clock.after(redrawMs, () => this.#draw());
  }

  #show(): void {
    if (this.#read === null) return;
    const reading = { status: this.#read(), atMs: this.#clock.now() };
    // The last column stays free: a terminal wraps a line that fills it.
    const text = statusLine(reading, this.#before, this.#out.columns - 1);
    this.#out.write(`${erase}${text}`);
    this.#shown = text;
  }
}
