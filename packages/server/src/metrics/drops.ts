import type { DropReason } from '@masque-vpn/engine';
import type { DropClass } from './contract.js';

/** Each of the engine's drop reasons → the `reason` of `masque_vpn_packet_drops_total` that it counts in. */
export const dropClassOf: Readonly<Record<DropReason, DropClass>> = {
  malformed: 'invalid',
  spoofedSource: 'invalid',
  noRoute: 'invalid',
  protocolRefused: 'invalid',
  peerToPeer: 'invalid',
  accessDenied: 'invalid',
  ttlExpired: 'invalid',
  linkLocal: 'invalid',
  forbiddenAddress: 'invalid',
  emptyDatagram: 'invalid',
  unknownContext: 'invalid',
  tooBig: 'oversized',
  queueFull: 'processing_error',
  handoverFull: 'processing_error',
  rateLimited: 'processing_error',
  flowTableFull: 'processing_error',
  queueExpired: 'processing_error',
  sessionEnded: 'processing_error',
  noSession: 'processing_error',
  noTun: 'processing_error',
  tunWriteFailed: 'processing_error',
};

/**
 * Drops that are also errors (`error_type="packet"`): somebody sent what no correct peer sends, or we lost what
 * we should have kept. Policy, queue limits, multicast noise and packets in flight at a session's end are none.
 */
export const dropsThatAreErrors: readonly DropReason[] = [
  'malformed',
  'spoofedSource',
  'emptyDatagram',
  'tunWriteFailed',
];
