import type { EngineError, EngineErrorCode, EngineResult, TunInfo, TunOptions } from '../engine.js';
import { failed } from './failure.js';

/** Failures that a machine can answer `openTun` with. */
export type TunFailure = Extract<
  EngineErrorCode,
  'ENGINE_PERMISSION_DENIED' | 'ENGINE_TUN_MISSING' | 'ENGINE_TUN_BUSY' | 'ENGINE_IO'
>;

/** The TUN of a fake engine, seen from the kernel's side: a test injects packets and reads what comes out. */
export class FakeTun {
  /** Set: `openTun` fails with it, as on a machine without CAP_NET_ADMIN or /dev/net/tun. */
  failure: TunFailure | null = null;
  /** Packets that the engine wrote to the TUN, oldest first. */
  readonly output: Uint8Array[] = [];
  /** Called with each packet written to the TUN: a host behind it that wants to answer. */
  onOutput: ((packet: Uint8Array) => void) | null = null;
  #options: TunOptions | null = null;
  readonly #onPacket: (packet: Uint8Array) => void;
  readonly #onLost: (error: EngineError) => void;

  constructor(onPacket: (packet: Uint8Array) => void, onLost: (error: EngineError) => void) {
    this.#onPacket = onPacket;
    this.#onLost = onLost;
  }

  /** The options it was opened with; null while closed. */
  get options(): TunOptions | null {
    return this.#options;
  }

  /** The kernel routes a packet into the TUN. Without one it goes nowhere and nobody counts it. */
  inject(packet: Uint8Array): void {
    if (this.#options !== null) this.#onPacket(packet.slice());
  }

  /** Returns and forgets the packets written so far. */
  take(): readonly Uint8Array[] {
    return this.output.splice(0);
  }

  /** Somebody deletes the interface: `tunLost` follows. */
  lose(message = 'the TUN was deleted'): void {
    if (this.#options === null) return;
    this.#options = null;
    this.#onLost({ code: 'ENGINE_IO', message });
  }

  /** For the engine. */
  open(options: TunOptions): EngineResult<TunInfo> {
    if (this.failure !== null) return failed(this.failure, `cannot open ${options.name}`);
    if (this.#options !== null) return failed('ENGINE_INVALID_ARGUMENT', 'the TUN is open already');
    const bytes = Buffer.byteLength(options.name);
    if (bytes < 1 || bytes > 15)
      return failed('ENGINE_INVALID_ARGUMENT', 'an interface name has 1 to 15 bytes');
    if (options.mtu < 576 || options.mtu > 65_535)
      return failed('ENGINE_INVALID_ARGUMENT', 'the MTU lies between 576 and 65535');
    this.#options = options;
    const { offload } = options;
    const offloads = { vnetHeader: offload, tcp: offload, udp: offload, queues: false, steering: false };
    return { ok: true, value: { name: options.name, index: 7, offloads } };
  }

  /** For the engine. */
  close(): void {
    this.#options = null;
  }

  /** For the engine: false while closed. */
  write(packet: Uint8Array): boolean {
    if (this.#options === null) return false;
    this.output.push(packet);
    this.onOutput?.(packet);
    return true;
  }
}
