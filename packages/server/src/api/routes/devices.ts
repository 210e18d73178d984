import { fail, ok, type Result } from '@masque-vpn/protocol';
import { z } from 'zod';
import type { Devices } from '../../administration/devices.js';
import type { ClientRecord } from '../../store/clients.js';
import {
  CreatedDeviceModel,
  DeviceLinkModel,
  DeviceListModel,
  NewDeviceModel,
  type DeviceModel,
} from '../models/device.js';
import { ClientIdSchema } from '../models/identifiers.js';
import type { ApiFailure } from '../problem.js';
import { route, type Route } from '../route.js';
import type { ApiServices } from '../services.js';

const path = '/api/v1/me/devices';
const params = z.object({ id: ClientIdSchema });

/** GET /api/v1/me/devices — what one enrolled oneself. */
const listOwnDevices = route({
  method: 'GET',
  path,
  permission: 'signedIn',
  operationId: 'listOwnDevices',
  summary: 'One’s own devices, in order of creation.',
  response: DeviceListModel,
  handle: ({ principal, services }) => {
    const devices = devicesOf(services);
    if (!devices.ok) return devices;
    const own = devices.value.list(principal.person);
    return own.ok ? ok({ items: own.value.map(deviceModel) }) : own;
  },
});

/** POST /api/v1/me/devices — a device and the link that enrols it. */
const createOwnDevice = route({
  method: 'POST',
  path,
  permission: 'signedIn',
  operationId: 'createOwnDevice',
  summary: 'Makes a device of one’s own and the link that enrols it.',
  body: NewDeviceModel,
  status: 201,
  response: CreatedDeviceModel,
  handle: async ({ principal, body, actor, services }) => {
    const devices = devicesOf(services);
    if (!devices.ok) return devices;
    const created = await devices.value.create(principal.person, body.displayName, actor);
    if (!created.ok) return created;
    const { device, enrolment } = created.value;
    return ok({
      device: deviceModel(device),
      enrolment: { link: enrolment.link, expiresAtMs: enrolment.expiresAt },
    });
  },
});

/** POST /api/v1/me/devices/:id/enrolment — one more link for a device that lost its key. */
const enrolOwnDevice = route({
  method: 'POST',
  path: `${path}/:id/enrolment`,
  permission: 'signedIn',
  operationId: 'enrolOwnDevice',
  summary: 'One more link for a device of one’s own.',
  params,
  status: 201,
  response: DeviceLinkModel,
  handle: async ({ principal, params: { id }, actor, services }) => {
    const devices = devicesOf(services);
    if (!devices.ok) return devices;
    const made = await devices.value.enrol(principal.person, id, actor);
    return made.ok ? ok({ link: made.value.link, expiresAtMs: made.value.expiresAt }) : made;
  },
});

/** DELETE /api/v1/me/devices/:id — ends its sessions and forgets it. */
const deleteOwnDevice = route({
  method: 'DELETE',
  path: `${path}/:id`,
  permission: 'signedIn',
  operationId: 'deleteOwnDevice',
  summary: 'Removes a device of one’s own.',
  params,
  status: 204,
  response: z.null(),
  handle: async ({ principal, params: { id }, actor, services }) => {
    const devices = devicesOf(services);
    return devices.ok ? devices.value.remove(principal.person, id, actor) : devices;
  },
});

function devicesOf({ devices }: ApiServices): Result<Devices, ApiFailure> {
  if (devices !== null) return ok(devices);
  return fail({
    code: 'DEVICE_NOT_PERMITTED',
    message: 'there is no single sign-on; see [oidc] in server.toml',
  });
}

function deviceModel(record: ClientRecord): DeviceModel {
  return {
    id: record.slug,
    displayName: record.displayName,
    enabled: record.enabled,
    expiresAtMs: record.expiresAt,
    createdAtMs: record.createdAt,
  };
}

export const deviceRoutes: readonly Route[] = [
  listOwnDevices,
  createOwnDevice,
  enrolOwnDevice,
  deleteOwnDevice,
];
