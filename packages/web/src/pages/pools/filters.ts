import type { Model } from '../../api/client.js';

type State = Model<'Lease'>['state'];
export const leaseStates = ['leased', 'quarantined', 'free'] as const satisfies readonly State[];

/** What narrows the leases, as it stands in the page's address; empty: does not matter. */
export interface LeaseFilters {
  readonly client: string;
  readonly state: string;
  readonly family: string;
}

export const noFilters: LeaseFilters = { client: '', state: '', family: '' };

/** The filters as the API takes them; a client's name that is none yet does not matter. */
export function queryOf({ client, state, family }: LeaseFilters): {
  client?: string;
  state?: State;
  family?: '4' | '6';
} {
  const known = leaseStates.find((name) => name === state);
  return {
    ...(/^[a-z0-9-]{1,63}$/.test(client) ? { client } : {}),
    ...(known === undefined ? {} : { state: known }),
    ...(family === '4' || family === '6' ? { family } : {}),
  };
}
