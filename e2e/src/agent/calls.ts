/** Which end of a transfer sends the data. `up`: the end that connects. */
export type Direction = 'up' | 'down';

/** One end's view of a transfer. */
export interface Transferred {
  readonly bytes: number;
  /** CRC-32 over all bytes in order. */
  readonly crc32: number;
  /** From the first to the last byte, milliseconds. */
  readonly durationMs: number;
}

/** Where an agent serves. */
export interface Served {
  readonly tcpPort: number;
  readonly udpPort: number;
}

export interface TcpTransfer {
  /** Names the transfer at the serving end. */
  readonly id: number;
  readonly address: string;
  readonly port: number;
  readonly direction: Direction;
  /** How long data is sent, milliseconds. */
  readonly forMs: number;
}

export interface UdpTransfer {
  readonly id: number;
  readonly address: string;
  readonly port: number;
  readonly forMs: number;
  readonly bitsPerSecond: number;
  /** Bytes of UDP payload. */
  readonly payloadBytes: number;
}

/** The receiving end's view of a UDP transfer. */
export interface UdpReceived {
  /** Distinct sequence numbers. */
  readonly received: number;
  readonly bytes: number;
  readonly duplicates: number;
  /** Datagrams whose content was not what the sequence number says. */
  readonly damaged: number;
}

/** A question to the serving end, which answers with a datagram of the wanted size. */
export interface UdpQuestion {
  readonly address: string;
  readonly port: number;
  /** Bytes of UDP payload of the answer. */
  readonly answerBytes: number;
  readonly withinMs: number;
}

export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Null: without one. */
  readonly body: string | null;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** `name=value` of each cookie that was set. */
  readonly cookies: readonly string[];
}

/** What an agent, a small process inside a namespace, does when asked: parameter and result of each call. */
export interface AgentCalls {
  /** Serves TCP and UDP transfers on any address; both ports are picked by the kernel. */
  readonly serve: readonly [parameter: null, result: Served];
  /** Connects and transfers; the result is this end's view. */
  readonly transferTcp: readonly [parameter: TcpTransfer, result: Transferred];
  /** The serving end's view of a TCP transfer, once that has ended. */
  readonly servedTcp: readonly [parameter: { readonly id: number }, result: Transferred];
  /** Sends datagrams with sequence numbers, evenly paced; the result is how many. */
  readonly sendUdp: readonly [parameter: UdpTransfer, result: { readonly sent: number }];
  /** The serving end's view of a UDP transfer, now. */
  readonly receivedUdp: readonly [parameter: { readonly id: number }, result: UdpReceived];
  /** Asks for one datagram; whether it came. The kernel sets "don't fragment" on the answer. */
  readonly askUdp: readonly [parameter: UdpQuestion, result: { readonly answered: boolean }];
  /** Bytes that this agent sent or received in transfers so far. */
  readonly moved: readonly [parameter: null, result: { readonly bytes: number }];
  readonly get: readonly [parameter: { readonly url: string }, result: HttpAnswer];
  readonly request: readonly [parameter: HttpRequest, result: HttpAnswer];
}

export type CallName = keyof AgentCalls;

/** A call on its way to the agent. */
export type Call = {
  readonly [Name in CallName]: {
    readonly number: number;
    readonly name: Name;
    readonly parameter: AgentCalls[Name][0];
  };
}[CallName];

/** An answer on its way back. */
export type Answer =
  | { readonly number: number; readonly ok: true; readonly result: unknown }
  | { readonly number: number; readonly ok: false; readonly message: string };
