import { writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

/** As prettier wants it. @param {string} path @param {string} text */
export async function writeFormatted(path, text) {
  const style = await resolveConfig(path);
  writeFileSync(path, await format(text, { ...style, filepath: path }));
}
