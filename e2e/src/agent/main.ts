// The process inside a namespace that moves test traffic; the other end of `agent.ts`.
import type { AgentCalls, Answer, Call, CallName } from './calls.js';
import { request } from './http.js';
import { TcpTransfers } from './tcp.js';
import { UdpTransfers } from './udp.js';

type Handlers = {
  readonly [Name in CallName]: (parameter: AgentCalls[Name][0]) => Promise<AgentCalls[Name][1]>;
};

function makeHandlers(): Handlers {
  let bytes = 0;
  const count = (more: number): void => void (bytes += more);
  const tcp = new TcpTransfers(count);
  const udp = new UdpTransfers(count);
  return {
    serve: async () => ({ tcpPort: await tcp.listen(), udpPort: await udp.listen() }),
    transferTcp: (transfer) => tcp.transfer(transfer),
    servedTcp: ({ id }) => tcp.served(id),
    sendUdp: (transfer) => udp.send(transfer),
    receivedUdp: async ({ id }) => udp.received(id),
    askUdp: (question) => udp.ask(question),
    moved: async () => ({ bytes }),
    get: ({ url }) => request({ url, method: 'GET', headers: {}, body: null }),
    request,
  };
}

async function answer(handlers: Handlers, call: Call): Promise<Answer> {
  // The compiler cannot see that a call's parameter belongs to its handler; `Call` says so.
  const handler = handlers[call.name] as (parameter: Call['parameter']) => Promise<unknown>;
  try {
    return { number: call.number, ok: true, result: await handler(call.parameter) };
  } catch (error) {
    return {
      number: call.number,
      ok: false,
      message: error instanceof Error ? error.message : String(error),
    };
  }
}

const handlers = makeHandlers();
process.on('message', (call: Call) => void answer(handlers, call).then((result) => process.send?.(result)));
process.on('disconnect', () => process.exit());
