import { addonPath, loadAddon } from './addon.js';
import type {
  Capsule,
  Certificate,
  ClientTrust,
  ConnectionId,
  ConnectorOptions,
  Engine,
  EngineEvent,
  EngineOptions,
  EngineResult,
  Forwarding,
  HeaderField,
  ListenerOptions,
  MeterOptions,
  RuleSet,
  SessionId,
  TunInfo,
  TunOptions,
} from './engine.js';
import type { NativeEngine, NativeEvent, NativeModule, NativeResult } from './native.js';
import { connectionColumns, sessionColumns, type Snapshot } from './snapshot.js';

/** Events handed to `onEvents` at most at once; the rest comes after other work of the event loop. */
const batchSize = 256;

/**
 * Opens the packet engine. Nothing happens before `openTun`, `listen` or `connect`.
 * Fails with ENGINE_MISSING if the native addon is not built, or with ENGINE_RESOURCE_EXHAUSTED.
 */
export function openEngine(options: EngineOptions): EngineResult<Engine> {
  const addon = loadAddon(addonPath(process.env));
  return addon.ok ? { ok: true, value: new RealEngine(addon.value, options) } : addon;
}

/** The facade of the native engine: converts arguments and events, decides nothing. */
export class RealEngine implements Engine {
  readonly #native: NativeEngine;
  readonly #onEvents: EngineOptions['onEvents'];
  #closing: Promise<void> | null = null;

  constructor(addon: NativeModule, options: EngineOptions) {
    this.#onEvents = options.onEvents;
    this.#native = new addon.Engine(() => this.#deliver(), options.without ?? [], options.workers ?? 1);
  }

  openTun(options: TunOptions): EngineResult<TunInfo> {
    return this.#result(
      () => this.#native.openTun(options),
      ({ name, index, offloads }) => ({ name, index, offloads }),
    );
  }

  closeTun(): void {
    if (this.#closing === null) this.#native.closeTun();
  }

  listen(options: ListenerOptions): EngineResult<{ readonly address: string }> {
    return this.#result(
      () => this.#native.listen(options),
      ({ address }) => ({ address }),
    );
  }

  setCertificate({ chainPem, keyPem }: Certificate): EngineResult<void> {
    return this.#result(() => this.#native.setCertificate(chainPem, keyPem), nothing);
  }

  setClientTrust({ anchorsPem, leafSha256 }: ClientTrust): EngineResult<void> {
    return this.#result(() => this.#native.setClientTrust(anchorsPem, leafSha256), nothing);
  }

  stopListening(): void {
    if (this.#closing === null) this.#native.stopListening();
  }

  connect(options: ConnectorOptions): EngineResult<{ readonly connectionId: ConnectionId }> {
    return this.#result(
      () => this.#native.connect(options),
      ({ connectionId }) => ({ connectionId }),
    );
  }

  /** After `close` it returns an id that no event will ever name. */
  request(connectionId: ConnectionId, headers: readonly HeaderField[]): SessionId {
    return this.#closing === null ? this.#native.request(connectionId, headers.flat()) : (0 as SessionId);
  }

  accept(
    sessionId: SessionId,
    headers: readonly HeaderField[],
    forwarding: Forwarding,
    capsules: readonly Capsule[],
  ): EngineResult<void> {
    const accept = (): NativeResult =>
      this.#native.accept(sessionId, headers.flat(), forwarding, types(capsules), values(capsules));
    return this.#result(accept, nothing);
  }

  refuse(sessionId: SessionId, status: number, headers: readonly HeaderField[], code: number | null): void {
    if (this.#closing === null) this.#native.refuse(sessionId, status, headers.flat(), code);
  }

  update(sessionId: SessionId, forwarding: Forwarding): EngineResult<void> {
    return this.#result(() => this.#native.update(sessionId, forwarding), nothing);
  }

  setRules(id: number, rules: RuleSet): EngineResult<void> {
    return this.#result(() => this.#native.setRules(id, rules), nothing);
  }

  dropRules(id: number): void {
    if (this.#closing === null) this.#native.dropRules(id);
  }

  setMeter(id: number, meter: MeterOptions): EngineResult<void> {
    return this.#result(() => this.#native.setMeter(id, meter), nothing);
  }

  dropMeter(id: number): void {
    if (this.#closing === null) this.#native.dropMeter(id);
  }

  sendCapsules(sessionId: SessionId, capsules: readonly Capsule[]): void {
    if (this.#closing === null) this.#native.sendCapsules(sessionId, types(capsules), values(capsules));
  }

  finish(sessionId: SessionId): void {
    if (this.#closing === null) this.#native.finish(sessionId);
  }

  abort(sessionId: SessionId, code: number): void {
    if (this.#closing === null) this.#native.abort(sessionId, code);
  }

  closeConnection(connectionId: ConnectionId, code: number, reason: string): void {
    if (this.#closing === null) this.#native.closeConnection(connectionId, code, reason);
  }

  /** After `close` there are no rows and the totals stay as they were. */
  snapshot(into: Snapshot): void {
    let rows = { sessionRows: 0, connectionRows: 0 };
    for (let fits = this.#closing !== null; !fits; fits = grow(into, rows)) {
      rows = this.#native.snapshot(into.sessions, into.connections, into.totals);
    }
    into.sessionRows = rows.sessionRows;
    into.connectionRows = rows.connectionRows;
  }

  releaseSession(sessionId: SessionId): void {
    if (this.#closing === null) this.#native.releaseSession(sessionId);
  }

  releaseConnection(connectionId: ConnectionId): void {
    if (this.#closing === null) this.#native.releaseConnection(connectionId);
  }

  close(): Promise<void> {
    this.#closing ??= this.#native.close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #result<Fields, Value>(
    call: () => NativeResult<Fields>,
    value: (fields: Fields) => Value,
  ): EngineResult<Value> {
    if (this.#closing !== null)
      return { ok: false, error: { code: 'ENGINE_CLOSED', message: 'the engine is closed' } };
    let result: NativeResult<Fields>;
    try {
      result = call();
    } catch (error) {
      // The binding refuses numbers out of range before the engine sees them.
      const message = error instanceof Error ? error.message : String(error);
      return { ok: false, error: { code: 'ENGINE_INVALID_ARGUMENT', message } };
    }
    if (!result.ok) return { ok: false, error: { code: result.code, message: result.message } };
    return { ok: true, value: value(result) };
  }

  #deliver(): void {
    if (this.#closing !== null) return;
    const batch = this.#native.drain(batchSize);
    if (batch.length > 0) this.#onEvents(batch.map(toEvent));
  }
}

function toEvent(event: NativeEvent): EngineEvent {
  return event.type === 'request' || event.type === 'response'
    ? { ...event, headers: pairs(event.headers) }
    : event;
}

function pairs(flat: readonly string[]): readonly HeaderField[] {
  const fields: HeaderField[] = [];
  for (let index = 0; index + 1 < flat.length; index += 2)
    fields.push([flat[index] ?? '', flat[index + 1] ?? '']);
  return fields;
}

function types(capsules: readonly Capsule[]): bigint[] {
  return capsules.map(({ type }) => type);
}

function values(capsules: readonly Capsule[]): Buffer[] {
  return capsules.map(({ value }) => Buffer.from(value.buffer, value.byteOffset, value.byteLength));
}

/** True if all rows fitted; otherwise makes room for them and as many again. */
function grow(
  into: Snapshot,
  rows: { readonly sessionRows: number; readonly connectionRows: number },
): boolean {
  const sessions = rows.sessionRows * sessionColumns.length;
  const connections = rows.connectionRows * connectionColumns.length;
  const fits = sessions <= into.sessions.length && connections <= into.connections.length;
  if (sessions > into.sessions.length) into.sessions = new Float64Array(sessions * 2);
  if (connections > into.connections.length) into.connections = new Float64Array(connections * 2);
  return fits;
}

function nothing(): void {
  return undefined;
}
