import { packetMetrics } from './contract/packets.js';
import { promised } from './contract/promised.js';
import { serverMetrics } from './contract/server.js';
import { sessionMetrics } from './contract/sessions.js';
import { transportMetrics } from './contract/transport.js';

export type { Direction, LabelValues, MetricDeclaration, Unit } from './contract/declaration.js';
export { directions } from './contract/declaration.js';
export { promised, type DropClass, type ErrorType } from './contract/promised.js';

/**
 * Every metric there is, in the order of the exposition: what operators were promised
 * (`docs/metrics-reference.md`), then what came on top. Registration, `docs/metrics.md`, the dashboard's and the
 * alerts' checks derive from it. A metric whose feature does not exist yet is not here.
 */
export const contract = {
  ...promised,
  ...packetMetrics,
  ...transportMetrics,
  ...sessionMetrics,
  ...serverMetrics,
} as const;

export type MetricKey = keyof typeof contract;
