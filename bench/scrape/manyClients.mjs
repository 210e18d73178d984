// node --import 'manyClients.mjs?clients=N': a server whose metrics have series of N more clients, all of which move.
import { pathToFileURL } from 'node:url';
import { inRepository } from '../../scripts/bootstrap/repository.mjs';
import { Load } from './load.mjs';

const load = new Load(Number(new URL(import.meta.url).searchParams.get('clients')));
const file = inRepository('packages', 'server', 'dist', 'metrics', 'registry.js');
const { Registry } = await import(pathToFileURL(file).href);
const { capture } = Registry.prototype;

/** @this {any} */
Registry.prototype.capture = function () {
  load.round += 1;
  const traffic = ['bytesSent', 'bytesReceived', 'packetsSent', 'packetsReceived'].map((key) =>
    this.family(key),
  );
  for (let index = 0; index < load.clients; index++) {
    const row = this.clientRow(load.clientId(index));
    for (const [kind, family] of traffic.entries()) family.set(load.traffic(index, kind), 0, row);
  }
  for (const index of load.justEnded()) {
    const row = this.clientRow(load.clientId(index));
    this.family('connectionDuration').observe(load.justEndedSeconds, 0, row);
    this.family('streamDuration').observe(load.justEndedSeconds, 0, row);
  }
  return capture.call(this);
};
