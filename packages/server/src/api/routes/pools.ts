import { ok } from '@masque-vpn/protocol';
import { z } from 'zod';
import { AddressText } from '../models/network.js';
import { LeaseListModel, LeaseQuery, PoolsModel } from '../models/pool.js';
import { route, type Route } from '../route.js';

/** GET /api/v1/pools */
const getPools = route({
  method: 'GET',
  path: '/api/v1/pools',
  permission: 'pools:read',
  operationId: 'getPools',
  summary: 'The addresses for clients, and how many of them are used.',
  response: PoolsModel,
  handle: ({ services }) => ok(services.addresses.pools()),
});

/** GET /api/v1/leases */
const listLeases = route({
  method: 'GET',
  path: '/api/v1/leases',
  permission: 'pools:read',
  operationId: 'listLeases',
  summary: 'Who has which address on this server, or had it last.',
  query: LeaseQuery,
  response: LeaseListModel,
  handle: ({ query, services }) => services.addresses.leases(query),
});

/** DELETE /api/v1/leases/:address/quarantine — anybody may have the address from now on. */
const endQuarantine = route({
  method: 'DELETE',
  path: '/api/v1/leases/:address/quarantine',
  permission: 'pools:write',
  operationId: 'endQuarantine',
  summary: 'Lets anybody have an address that rests.',
  params: z.object({ address: AddressText }),
  status: 204,
  response: z.null(),
  handle: ({ params, actor, services }) => services.addresses.endQuarantine(params.address, actor),
});

/** Every route of pools and leases. */
export const poolRoutes: readonly Route[] = [getPools, listLeases, endQuarantine];
