import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { BackupError } from './backupError.js';
import {
  backupEnd,
  backupFormat,
  backupHeader,
  backupRow,
  backupTable,
  type BackupHeader,
  type BackupRow,
  type BackupTable,
} from './dumpLines.js';

/** The lines of a dump as they are in a file. */
export function compressed(lines: AsyncIterable<string>): Readable {
  const gzip = createGzip();
  // A failure of the lines destroys `gzip`, which is how its reader hears of it.
  pipeline(Readable.from(lines), gzip).catch(() => undefined);
  return gzip;
}

/**
 * Writes a file that is there whole, for nobody else to read, or not at all; on disk when it returns. Codes:
 * BACKUP_FILE_EXISTS, BACKUP_UNWRITABLE; other errors are those of `content`.
 *
 * @param replace whether a file of that name may be replaced
 */
export async function writeBackupFile(path: string, content: Readable, replace: boolean): Promise<void> {
  if (!replace && (await exists(path))) throw fileExists(path);
  const partial = `${path}.${randomUUID().slice(0, 8)}.partial`;
  const unwritable = (error: unknown): BackupError =>
    new BackupError('BACKUP_UNWRITABLE', `${path} cannot be written: ${reasonOf(error)}`);
  const file = await open(partial, 'wx', 0o600).catch((error: unknown) => {
    throw unwritable(error);
  });
  try {
    for await (const chunk of content) {
      await file.writeFile(chunk as Buffer).catch((error: unknown) => {
        throw unwritable(error);
      });
    }
    await file.sync();
    await file.close();
    if (replace) await rename(partial, path);
    else await link(partial, path);
    await syncFolder(dirname(path));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw fileExists(path);
    throw error;
  } finally {
    await file.close().catch(() => undefined);
    await rm(partial, { force: true });
  }
}

/** A file that was read to its end once and found whole. */
export interface CheckedBackup {
  readonly header: BackupHeader;
  readonly rows: number;
  /** Tables in the order of the file, each with its rows. Reads the file again. */
  content(): AsyncGenerator<{ readonly table: BackupTable; readonly row: BackupRow }>;
}

/** Reads and checks a whole file. Codes: BACKUP_UNREADABLE, BACKUP_DAMAGED, BACKUP_NEWER_VERSION. */
export async function checkBackupFile(path: string, knownVersion: number): Promise<CheckedBackup> {
  const damaged = (what: string): BackupError =>
    new BackupError('BACKUP_DAMAGED', `${path} is no whole backup: ${what}. Nothing was changed.`);
  const sha256 = createHash('sha256');
  let header: BackupHeader | null = null;
  let table: BackupTable | null = null;
  let rows = 0;
  let isOver = false;
  for await (const line of linesOf(path, damaged)) {
    if (isOver) throw damaged('there is something after its end');
    const content = parseLine(line, damaged);
    if (header === null) {
      header = headerOf(content, path, knownVersion, damaged);
    } else if (Array.isArray(content)) {
      rows += 1;
      if (table === null || !isRowOf(table, content)) throw damaged(`row ${rows} does not fit its table`);
    } else if (isEnd(content)) {
      const end = backupEnd.safeParse(content);
      if (!end.success || end.data.rows !== rows) throw damaged('rows are missing');
      if (end.data.sha256 !== sha256.digest('hex')) throw damaged('its checksum is wrong');
      isOver = true;
      continue;
    } else {
      const next = backupTable.safeParse(content);
      if (!next.success) throw damaged('it contains a line that no backup has');
      table = next.data;
    }
    sha256.update(`${line}\n`);
  }
  if (header === null || !isOver) throw damaged('its end is missing');
  return { header, rows, content: () => contentOf(path, damaged) };
}

async function* contentOf(
  path: string,
  damaged: (what: string) => BackupError,
): AsyncGenerator<{ readonly table: BackupTable; readonly row: BackupRow }> {
  let table: BackupTable | null = null;
  for await (const line of linesOf(path, damaged)) {
    const content = parseLine(line, damaged);
    if (Array.isArray(content)) {
      const row = backupRow.parse(content);
      if (table !== null) yield { table, row };
    } else {
      const next = backupTable.safeParse(content);
      if (next.success) table = next.data;
    }
  }
}

function headerOf(
  content: unknown,
  path: string,
  knownVersion: number,
  damaged: (what: string) => BackupError,
): BackupHeader {
  const named = typeof content === 'object' && content !== null && 'format' in content;
  if (!named || content.format !== backupFormat) throw damaged('it does not begin like one');
  const parsed = backupHeader.safeParse(content);
  if (!parsed.success) throw damaged('its first line is not understood');
  const { formatVersion, schemaVersion, program } = parsed.data;
  if (formatVersion > 1 || schemaVersion > knownVersion) {
    throw new BackupError(
      'BACKUP_NEWER_VERSION',
      `${path} was made by masque-vpn ${program}, which is newer than this one. Nothing was changed. Restore it ` +
        'with that version.',
    );
  }
  return parsed.data;
}

/** The lines of the unpacked file, without their line feeds. */
async function* linesOf(path: string, damaged: (what: string) => BackupError): AsyncGenerator<string> {
  const unpacked = createGunzip();
  const file = createReadStream(path).on('error', (error) => unpacked.destroy(error));
  file.pipe(unpacked).setEncoding('utf8');
  let partial = '';
  try {
    for await (const chunk of unpacked) {
      const lines = (partial + String(chunk)).split('\n');
      partial = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (error instanceof BackupError) throw error;
    if (code.startsWith('Z_')) throw damaged('it is cut off or no gzip file');
    throw new BackupError('BACKUP_UNREADABLE', `${path} cannot be read: ${reasonOf(error)}`);
  } finally {
    file.destroy();
    unpacked.destroy();
  }
  if (partial !== '') throw damaged('its last line is cut off');
}

function parseLine(line: string, damaged: (what: string) => BackupError): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw damaged('it contains a line that is no JSON');
  }
}

function isRowOf({ columns }: BackupTable, content: readonly unknown[]): boolean {
  return content.length === columns.length && backupRow.safeParse(content).success;
}

function isEnd(content: unknown): boolean {
  return typeof content === 'object' && content !== null && 'end' in content;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function fileExists(path: string): BackupError {
  return new BackupError('BACKUP_FILE_EXISTS', `${path} exists already; choose another name, or use --force`);
}

/** A new name is on disk only when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
