import { z } from 'zod';

/** A setting of `server.toml`, as this server runs with it. */
export const ConfigurationSettingModel = z.object({
  key: z.string(),
  description: z.string(),
  /** Secrets are masked. */
  value: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]),
  /** `file`, an option of the `command`, or the built-in `default`. */
  source: z.enum(['default', 'file', 'command']),
});

/** Answer of `GET /api/v1/server/configuration`. */
export const ConfigurationModel = z.object({
  /** Path of the file; null: none was read. */
  file: z.string().nullable(),
  sections: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      settings: z.array(ConfigurationSettingModel),
    }),
  ),
});
export type ConfigurationModel = z.infer<typeof ConfigurationModel>;
