import { z } from 'zod';

export const backupFormat = 'masque-vpn backup';

/** The first line. */
export const backupHeader = z.object({
  format: z.literal(backupFormat),
  formatVersion: z.int().positive(),
  /** Version of the tables. */
  schemaVersion: z.int().positive(),
  /** UTC milliseconds. */
  createdAt: z.int().nonnegative(),
  /** Version of the program that made it. */
  program: z.string(),
  /** What it was made of; it can be restored into either. */
  database: z.enum(['sqlite', 'postgres']),
});
export type BackupHeader = z.output<typeof backupHeader>;

/** What the rows that follow are. */
export const backupTable = z.object({
  table: z.string().regex(/^[a-z_]{1,63}$/),
  columns: z
    .array(z.string().regex(/^[a-z0-9_]{1,63}$/))
    .min(1)
    .max(1_000),
});
export type BackupTable = z.output<typeof backupTable>;

export const backupRow = z.array(z.union([z.string(), z.number(), z.null()]));
export type BackupRow = z.output<typeof backupRow>;

/** The last line: nothing is missing. */
export const backupEnd = z.object({
  end: z.literal(true),
  rows: z.int().nonnegative(),
  /** Of every line before, each with its line feed. */
  sha256: z.string(),
});

export type BackupLine = BackupHeader | BackupTable | BackupRow;
