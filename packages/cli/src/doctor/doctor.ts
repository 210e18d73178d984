import { offloads, Snapshot, type Engine, type EngineError, type Offload } from '@masque-vpn/engine';
import type { ClientTools } from '@masque-vpn/client';
import { type CommandResult, done } from '../commandResult.js';
import { exitCodes } from '../exitCode.js';
import { facts, table } from '../output/table.js';
import type { World } from '../world.js';

/** Flags of `masque-vpn doctor`. */
export interface DoctorFlags {
  readonly json?: true;
}

/** What this machine offers to a tunnel. */
interface Examination {
  /** Why no TUN device can be made; null: one can. */
  readonly tunProblem: EngineError | null;
  /** Null: only a TUN device would tell. */
  readonly offloads: Readonly<Record<Offload, boolean | null>>;
}

/** Name of the device that is made for a moment. */
const deviceName = 'masque-doctor';
/** As small as IPv6 allows: nothing will pass. */
const deviceMtu = 1280;

/** What each offload is for; without it everything works, more slowly. */
const meanings: Readonly<Record<Offload, string>> = {
  udpSegmentation: 'many packets to the network in one call (UDP_SEGMENT, Linux 4.18)',
  udpCoalescing: 'many packets from the network in one call (UDP_GRO, Linux 5.0)',
  udpSteering: 'packets from the network straight to their thread (SO_ATTACH_REUSEPORT_CBPF, Linux 4.5)',
  tunTcp: 'TCP to and from the tunnel’s device in large pieces (IFF_VNET_HDR, TSO)',
  tunUdp: 'UDP to and from the tunnel’s device in large pieces (USO, Linux 6.2)',
  tunQueues: 'a queue of the tunnel’s device for each thread (IFF_MULTI_QUEUE)',
  tunSteering: 'packets from the tunnel’s device straight to their thread (TUNSETSTEERINGEBPF, CAP_BPF)',
};

/** `masque-vpn doctor` — what a tunnel needs, and what makes it fast, on this machine. Leaves nothing behind. */
export async function doctor(
  flags: DoctorFlags,
  world: World,
  openEngine: ClientTools['openEngine'],
): Promise<CommandResult> {
  // What several threads share shows with two.
  const opened = openEngine({ onEvents: () => undefined, workers: 2 });
  if (!opened.ok) return { ok: false, error: { ...opened.error, exit: exitCodes.failure } };
  await using engine = opened.value;
  const found = examine(engine);
  world.out.write(flags.json === true ? `${JSON.stringify(found)}\n` : asText(found));
  const { tunProblem } = found;
  if (tunProblem === null) return done;
  const exit = tunProblem.code === 'ENGINE_PERMISSION_DENIED' ? exitCodes.permission : exitCodes.failure;
  return { ok: false, error: { ...tunProblem, exit, printed: true } };
}

function examine(engine: Engine): Examination {
  const tun = engine.openTun({ name: deviceName, mtu: deviceMtu, offload: true, backpressure: false });
  const snapshot = new Snapshot();
  engine.snapshot(snapshot);
  const udp = (offload: Offload): boolean => snapshot.total(`offloads.${offload}`) === 1;
  return {
    tunProblem: tun.ok ? null : tun.error,
    offloads: {
      udpSegmentation: udp('udpSegmentation'),
      udpCoalescing: udp('udpCoalescing'),
      udpSteering: udp('udpSteering'),
      tunTcp: tun.ok ? tun.value.offloads.tcp : null,
      tunUdp: tun.ok ? tun.value.offloads.udp : null,
      tunQueues: tun.ok ? tun.value.offloads.queues : null,
      tunSteering: tun.ok ? tun.value.offloads.steering : null,
    },
  };
}

function asText({ tunProblem, offloads: found }: Examination): string {
  const device = tunProblem === null ? 'can be made' : `${tunProblem.message} (${tunProblem.code})`;
  const rows = offloads.map((offload) => [offload, stateText(found[offload]), meanings[offload]]);
  return `${facts([['tunnel device', device]])}\n${table(['offload', 'here', 'for'], rows)}`;
}

function stateText(state: boolean | null): string {
  if (state === null) return 'unknown';
  return state ? 'yes' : 'no';
}
