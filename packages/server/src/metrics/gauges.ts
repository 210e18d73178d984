import type { FamilyUsage } from '../addressing/lease.js';
import type { Registry } from './registry.js';

/** What is read at a scrape instead of being counted. */
export interface Gauges {
  pools(): { readonly ipv4: FamilyUsage; readonly ipv6: FamilyUsage };
  tunActive(): boolean;
  storeAvailable(): boolean;
  clients(): { readonly enabled: number; readonly disabled: number };
  /** UTC milliseconds; null: there is none. */
  certificates(): { readonly authority: number; readonly client: number | null };
  process(): ProcessFigures;
}

/** What this process uses of the machine. */
export interface ProcessFigures {
  readonly userSeconds: number;
  readonly systemSeconds: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
}

/** Sets every metric that is read at a scrape. */
export function readGauges(registry: Registry, gauges: Gauges): void {
  const { ipv4, ipv6 } = gauges.pools();
  registry.family('ipPoolTotal').set(ipv4.total);
  registry.family('ipPoolUsed').set(ipv4.used);
  registry.family('ipPoolAvailable').set(ipv4.available);
  registry.family('ipPoolQuarantined').set(ipv4.quarantined);
  registry.family('ipv6PoolUsed').set(ipv6.used);
  registry.family('tunInterfaceStatus').set(gauges.tunActive() ? 1 : 0);
  registry.family('storeAvailable').set(gauges.storeAvailable() ? 1 : 0);
  const known = gauges.clients();
  const clients = registry.family('clients');
  clients.set(known.enabled, clients.cell('enabled'));
  clients.set(known.disabled, clients.cell('disabled'));
  const { authority, client } = gauges.certificates();
  const expiry = registry.family('certificateExpiry');
  expiry.set(authority / 1000, expiry.cell('authority'));
  expiry.set((client ?? Number.POSITIVE_INFINITY) / 1000, expiry.cell('client'));
  readProcess(registry, gauges.process());
}

function readProcess(registry: Registry, figures: ProcessFigures): void {
  const cpu = registry.family('processCpu');
  cpu.set(figures.userSeconds, cpu.cell('user'));
  cpu.set(figures.systemSeconds, cpu.cell('system'));
  registry.family('processResidentMemory').set(figures.residentBytes);
  registry.family('processHeap').set(figures.heapBytes);
}
