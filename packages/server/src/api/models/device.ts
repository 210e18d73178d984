import { z } from 'zod';
import { ClientIdSchema, TimestampMs } from './identifiers.js';
import { lineText } from './text.js';

/** A device of one's own. */
export const DeviceModel = z.object({
  id: ClientIdSchema,
  displayName: z.string(),
  enabled: z.boolean(),
  /** From when on it is refused; null: never. */
  expiresAtMs: TimestampMs.nullable(),
  createdAtMs: TimestampMs,
});
export type DeviceModel = z.infer<typeof DeviceModel>;

/** Answer of `GET /api/v1/me/devices`, in order of creation. */
export const DeviceListModel = z.object({ items: z.array(DeviceModel) });

/** Body of `POST /api/v1/me/devices`. */
export const NewDeviceModel = z.strictObject({ displayName: lineText(200) });

/** A link that enrols a device: `masque-vpn enroll LINK` there. It is shown once. */
export const DeviceLinkModel = z.object({ link: z.string(), expiresAtMs: TimestampMs });

/** Answer of `POST /api/v1/me/devices`. */
export const CreatedDeviceModel = z.object({ device: DeviceModel, enrolment: DeviceLinkModel });
