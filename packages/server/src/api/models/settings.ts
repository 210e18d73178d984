import { z } from 'zod';
import { RuntimeSettingValues } from '../../settings/runtimeSettings.js';

/** What can be changed while the server runs. */
export const SettingsModel = z.object({ ...RuntimeSettingValues.shape, version: z.int() });
export type SettingsModel = z.infer<typeof SettingsModel>;

const { defaultGroups, enrolmentLifetimeHours, auditDays, expiryNoticeDays } = RuntimeSettingValues.shape;

/** Body of `PATCH /api/v1/settings`; what is absent stays. */
export const SettingsChangeModel = z.strictObject({
  defaultGroups: defaultGroups.unwrap().optional(),
  enrolmentLifetimeHours: enrolmentLifetimeHours.unwrap().optional(),
  auditDays: auditDays.unwrap().optional(),
  expiryNoticeDays: expiryNoticeDays.unwrap().optional(),
});
export type SettingsChangeModel = z.output<typeof SettingsChangeModel>;
