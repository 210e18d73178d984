import { setImmediate } from 'node:timers';
import { wallClock, type Clock } from './clock.js';
import { formatUdpAddress, parseUdpAddress, receives, type UdpAddress } from './udpAddress.js';

/** An engine, as far as the network knows it. */
export interface Node {
  /** UDP addresses of its sockets. */
  addresses(): readonly string[];
  /** The process is gone: no word to the peers. */
  kill(): void;
  /** No event waits for delivery. */
  readonly idle: boolean;
}

/** What arrives at a listener. */
export interface Dial<Hello> {
  readonly from: string;
  readonly to: string;
  readonly hello: Hello;
}

interface Message {
  readonly from: string;
  readonly to: string;
  readonly reliable: boolean;
  readonly deliver: () => void;
}

interface Binding {
  readonly address: UdpAddress;
  readonly receive: (dial: Dial<unknown>) => void;
}

/** The UDP network that fake engines share. Messages arrive in order, from a microtask. */
export class FakeNetwork {
  readonly clock: Clock;
  readonly #nodes = new Set<Node>();
  readonly #bindings = new Set<Binding>();
  readonly #cuts = new Map<string, number>();
  /** Initials sent to where nobody listens; QUIC repeats them. */
  #unanswered: Dial<unknown>[] = [];
  #travelling: Message[] = [];
  /** Stream data that a partition holds back; QUIC repeats it. */
  #held: Message[] = [];
  #scheduled = false;
  #nextPort = 40_000;

  constructor(options: { readonly clock?: Clock } = {}) {
    this.clock = options.clock ?? wallClock;
  }

  /** Kills the engine that owns a UDP address (or all on that IP address): its peers see silence. */
  kill(address: string): void {
    for (const node of [...this.#nodes]) {
      if (node.addresses().some((own) => matches(own, address))) node.kill();
    }
  }

  /** Cuts a UDP or IP address off: datagrams are lost, stream data waits for `heal`. */
  partition(address: string): void {
    this.#cuts.set(address, this.clock.now());
  }

  heal(address: string): void {
    this.#cuts.delete(address);
    const held = this.#held;
    this.#held = [];
    for (const message of held) this.#enqueue(message);
  }

  /** Resolves when nothing travels and no event waits. What the listeners' own promises do is not known here. */
  async settle(): Promise<void> {
    do {
      await new Promise<void>((resolve) => setImmediate(resolve));
    } while (this.#travelling.length > 0 || [...this.#nodes].some((node) => !node.idle));
  }

  /** For engines: joins, leaves. */
  join(node: Node): Disposable {
    this.#nodes.add(node);
    return { [Symbol.dispose]: () => this.#nodes.delete(node) };
  }

  /** For engines: binds a listener; null if the address is taken. */
  bind<Hello>(
    address: UdpAddress,
    receive: (dial: Dial<Hello>) => void,
  ): ({ readonly address: string } & Disposable) | null {
    const own = { host: address.host, port: address.port === 0 ? this.#nextPort++ : address.port };
    const taken = [...this.#bindings].some(
      (other) => receives(other.address, own) || receives(own, other.address),
    );
    if (taken) return null;
    const binding: Binding = { address: own, receive: (dial) => receive(dial as Dial<Hello>) };
    this.#bindings.add(binding);
    const waiting = this.#unanswered;
    this.#unanswered = [];
    for (const dial of waiting) this.dial(dial);
    return { address: formatUdpAddress(own), [Symbol.dispose]: () => this.#bindings.delete(binding) };
  }

  /** For engines: a free port for a connector. */
  freePort(): number {
    return this.#nextPort++;
  }

  /** For engines: sends an Initial to whoever listens there, now or later. */
  dial(dial: Dial<unknown>): void {
    this.send(dial.from, dial.to, true, () => {
      const target = parseUdpAddress(dial.to);
      const binding = [...this.#bindings].find((known) => target !== null && receives(known.address, target));
      if (binding === undefined) this.#unanswered.push(dial);
      else binding.receive(dial);
    });
  }

  /** For engines: carries one message; `reliable` ones survive a partition. */
  send(from: string, to: string, reliable: boolean, deliver: () => void): void {
    this.#enqueue({ from, to, reliable, deliver });
  }

  /** For engines: since when nothing gets through between two addresses; null if the path is fine. */
  cutSince(from: string, to: string): number | null {
    for (const [address, sinceMs] of this.#cuts) {
      if (matches(from, address) || matches(to, address)) return sinceMs;
    }
    return null;
  }

  #enqueue(message: Message): void {
    this.#travelling.push(message);
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#carry());
  }

  #carry(): void {
    this.#scheduled = false;
    const arriving = this.#travelling;
    this.#travelling = [];
    for (const message of arriving) {
      if (this.cutSince(message.from, message.to) === null) message.deliver();
      else if (message.reliable) this.#held.push(message);
    }
  }
}

function matches(address: string, pattern: string): boolean {
  if (address === pattern) return true;
  const own = parseUdpAddress(address);
  if (own === null) return false;
  const other = parseUdpAddress(pattern);
  return other === null ? own.host === pattern : receives(own, other);
}
