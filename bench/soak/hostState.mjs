import { inside, ip, mustRun, namespaces } from '../network.mjs';

/** @typedef {keyof typeof namespaces} Side */

/** The network that is there before any tunnel, and comes up at its own pace. */
const standing = /\b(wire|home)\b/;

/**
 * What a tunnel could leave behind in a namespace: links, addresses, rules, routes, tables of nft. One line each, sorted.
 * @param {Side} side
 * @returns {Promise<readonly string[]>}
 */
export async function hostState(side) {
  const at = ['-n', namespaces[side]];
  const words = await Promise.all([
    ip(...at, '-o', 'link'),
    ip(...at, '-o', 'address'),
    ip(...at, '-4', 'rule'),
    ip(...at, '-6', 'rule'),
    ip(...at, '-4', 'route', 'show', 'table', 'all'),
    ip(...at, '-6', 'route', 'show', 'table', 'all'),
    mustRun('ip', inside(side, ['nft', 'list', 'tables'])),
  ]);
  const lines = words.flatMap((text) => text.split('\n')).map((line) => line.trim());
  return lines.filter((line) => line !== '' && !standing.test(line)).sort();
}

/**
 * What is in `after` and was not in `before`.
 * @param {readonly string[]} before
 * @param {readonly string[]} after
 */
export const leftover = (before, after) => after.filter((line) => !before.includes(line));
