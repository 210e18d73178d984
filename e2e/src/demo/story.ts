import type { Direction } from '../agent/calls.js';
import type { Lab } from '../lab/lab.js';
import type { Machine } from '../lab/machine.js';
import { VpnClient } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { drops, summarize } from '../metrics/contract.js';
import type { Cleanup } from '../process/cleanup.js';
import { ping, type PingResult } from '../traffic/ping.js';
import { Traffic, type TcpResult, type UdpResult } from '../traffic/transfer.js';
import type { Narrator } from './narrator.js';
import type { DemoReport } from './report.js';

/** How often a live rate is shown, milliseconds. */
const liveMs = 500;
/** Offered by the UDP load: well below what the tunnel carries, so that loss means something. */
const udpBitsPerSecond = 100e6;

/** Plays the demo in a lab with two client machines. What it starts is ended by `cleanup`. */
export async function tell(
  lab: Lab,
  cleanup: Cleanup,
  narrator: Narrator,
  seconds: number,
): Promise<DemoReport> {
  const { host } = lab;
  narrator.step(
    'A private internet of network namespaces is up: a server, two clients, a host behind the server.',
  );
  const server = cleanup.use(await VpnServer.prepare(lab));
  await server.start();
  narrator.step(
    `masque-vpn server runs at ${lab.server.ipv4}, UDP port 443, with its own new certificate authority.`,
  );
  const before = summarize(await server.metrics(host));
  const [alice, bob] = await Promise.all([
    join(lab, cleanup, server, narrator, 'alice', lab.client(1)),
    join(lab, cleanup, server, narrator, 'bob', lab.client(2)),
  ]);

  narrator.step(`alice pings the host behind the server, ${host.ipv4} and ${host.ipv6}, through the tunnel.`);
  const ping4 = told(narrator, 'IPv4', await ping(alice.machine.namespace, host.ipv4, { count: 20 }));
  const ping6 = told(narrator, 'IPv6', await ping(alice.machine.namespace, host.ipv6, { count: 20 }));

  const load = new Load(new Traffic(), alice.machine, bob.machine, host, narrator, seconds);
  const tcpUp = await load.tcp('up', host.ipv4);
  const tcpDown = await load.tcp('down', host.ipv6);
  const udp = await load.udp(host.ipv4);

  const { ipv4 } = await alice.up();
  const refused = await ping(bob.machine.namespace, ipv4, { count: 3 });
  narrator.step(
    `bob pings alice's inner address ${ipv4}: ${refused.received} of 3 answered; clients cannot reach each other.`,
  );

  await comeBack(bob, narrator);

  const scraped = await server.metrics(host);
  return {
    ...{ ping4, ping6, tcpUp, tcpDown },
    udp: { mbitPerSecond: udp.mbitPerSecond, lossPercent: udp.lossPercent },
    metrics: { before, after: summarize(scraped) },
    drops: drops(scraped),
  };
}

async function join(
  lab: Lab,
  cleanup: Cleanup,
  server: VpnServer,
  narrator: Narrator,
  name: string,
  machine: Machine,
): Promise<VpnClient> {
  const profile = await server.addClient(name);
  const client = cleanup.use(await VpnClient.prepare(lab, machine, profile));
  client.launch();
  const { ipv4, ipv6 } = await client.up();
  narrator.step(
    `${name} connected from ${machine.ipv4}; its addresses in the tunnel are ${ipv4} and ${ipv6}.`,
  );
  return client;
}

/** Ends a client in order and starts it again: sessions have a length only once they end. */
async function comeBack(bob: VpnClient, narrator: Narrator): Promise<void> {
  const first = await bob.up();
  await bob.process.end('SIGTERM');
  bob.launch();
  const again = await bob.up();
  const same = again.ipv4 === first.ipv4 && again.ipv6 === first.ipv6;
  narrator.step(`bob left and came back, with ${same ? 'the same addresses' : 'OTHER ADDRESSES'}.`);
}

function told(narrator: Narrator, family: string, result: PingResult): PingResult {
  const time = result.rttMsMedian === null ? '' : `, median ${result.rttMsMedian.toFixed(2)} ms`;
  narrator.say(`          ${family}: ${result.received} of ${result.sent} answered${time}`);
  return result;
}

/** The transfers of the demo, with live rates. */
class Load {
  constructor(
    private readonly traffic: Traffic,
    private readonly alice: Machine,
    private readonly bob: Machine,
    private readonly host: Machine,
    private readonly narrator: Narrator,
    private readonly seconds: number,
  ) {}

  async tcp(direction: Direction, address: string): Promise<TcpResult> {
    const what = direction === 'up' ? 'sends to' : 'receives from';
    this.narrator.step(`alice ${what} the host (${address}) over TCP for ${this.seconds} s.`);
    const receiver = direction === 'up' ? this.host : this.alice;
    const result = await this.watched(
      receiver,
      this.traffic.tcp(this.alice, this.host, address, direction, this.seconds * 1000),
    );
    const verdict = result.checksumOk ? 'checksums equal at both ends' : 'CHECKSUMS DIFFER';
    this.narrator.say(
      `          ${result.mbitPerSecond.toFixed(0)} Mbit/s, ${(result.bytes / 1e6).toFixed(0)} MB, ${verdict}`,
    );
    return result;
  }

  async udp(address: string): Promise<UdpResult> {
    this.narrator.step(
      `bob sends ${udpBitsPerSecond / 1e6} Mbit/s to the host (${address}) over UDP for ${this.seconds} s.`,
    );
    const result = await this.watched(
      this.host,
      this.traffic.udp(this.bob, this.host, address, udpBitsPerSecond, this.seconds * 1000),
    );
    this.narrator.say(
      `          ${result.mbitPerSecond.toFixed(0)} Mbit/s arrived, ${result.lossPercent.toFixed(2)} % of ${result.sent} datagrams lost`,
    );
    return result;
  }

  /** Shows the rate at which `receiver` gets bytes until `transfer` ends. */
  private async watched<T>(receiver: Machine, transfer: Promise<T>): Promise<T> {
    let bytes = (await receiver.agent.call('moved', null)).bytes;
    let atMs = performance.now();
    const timer = setInterval(() => {
      void receiver.agent.call('moved', null).then((now) => {
        const elapsedMs = performance.now() - atMs;
        this.narrator.live(`${(((now.bytes - bytes) * 8) / 1000 / elapsedMs).toFixed(0)} Mbit/s`);
        bytes = now.bytes;
        atMs += elapsedMs;
      });
    }, liveMs);
    try {
      return await transfer;
    } finally {
      clearInterval(timer);
    }
  }
}
