/** @typedef {{ name: string, count: number, children: Map<string, Node> }} Node */

const width = 1_200;
const line = 16;
const top = 30;
/** Share of all samples below which a frame is not drawn, in pixels it would be about two. */
const leastShare = 0.002;
/** Pixels of a letter. */
const letter = 6.3;

/**
 * A flame graph: each box is a function, as wide as its share of all samples, above whoever called it. Names are in the boxes and, for narrow
 * ones, in their titles.
 * @param {string} title
 * @param {readonly import('./record.mjs').Stack[]} stacks
 * @returns {string} SVG
 */
export function flameGraph(title, stacks) {
  const root = tree(stacks);
  const depth = depthOf(root, root.count * leastShare);
  const height = top + depth * line + 8;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    '<style>text{font:11px sans-serif;fill:#222}.title{font-weight:bold;font-size:15px}</style>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="10" y="20" class="title">${escaped(title)}</text>`,
    ...boxes(root, 0, 0, height - 8 - line, root.count),
    '</svg>\n',
  ].join('\n');
}

/** @param {readonly import('./record.mjs').Stack[]} stacks @returns {Node} */
function tree(stacks) {
  /** @type {Node} */
  const root = { name: 'all', count: 0, children: new Map() };
  for (const { frames, count } of stacks) {
    let node = root;
    node.count += count;
    for (const name of frames) {
      const child = node.children.get(name) ?? { name, count: 0, children: new Map() };
      node.children.set(name, child);
      child.count += count;
      node = child;
    }
  }
  return root;
}

/** @param {Node} node @param {number} least @returns {number} */
function depthOf(node, least) {
  const below = [...node.children.values()].filter(({ count }) => count >= least);
  return 1 + Math.max(0, ...below.map((child) => depthOf(child, least)));
}

/** @param {Node} node @param {number} x samples left of it @param {number} depth @param {number} y @param {number} all @returns {string[]} */
function boxes(node, x, depth, y, all) {
  if (node.count < all * leastShare) return [];
  const left = (x / all) * width;
  const wide = (node.count / all) * width;
  const share = ((node.count / all) * 100).toFixed(1);
  const room = Math.floor((wide - 4) / letter);
  const name = shortened(node.name, room);
  const own = [
    `<g><title>${escaped(node.name)}, ${share} %</title>`,
    `<rect x="${left.toFixed(1)}" y="${y}" width="${Math.max(0.5, wide - 0.5).toFixed(1)}" height="${line - 1}" fill="${color(node.name)}"/>`,
    name === '' ? '' : `<text x="${(left + 2).toFixed(1)}" y="${y + 11}">${escaped(name)}</text>`,
    '</g>',
  ].join('');
  let next = x;
  return [
    own,
    ...[...node.children.values()]
      .sort((a, b) => a.name.localeCompare(b.name))
      .flatMap((child) => {
        const drawn = boxes(child, next, depth + 1, y - line, all);
        next += child.count;
        return drawn;
      }),
  ];
}

/** The end of a path says most. @param {string} name @param {number} room letters */
function shortened(name, room) {
  if (room < 4) return '';
  if (name.length <= room) return name;
  const last = name.split('::').at(-1) ?? name;
  return last.length <= room ? last : `${last.slice(0, room - 1)}…`;
}

/** Ours blue, QUIC and TLS green, the kernel grey, what is left sand. @param {string} name */
function color(name) {
  if (name.startsWith('masque_')) return '#8fb8de';
  if (/^(quinn|rustls|h3wire|bytes)/.test(name)) return '#a5d6a7';
  if (/aes|gcm|AEAD|EVP|CRYPTO/i.test(name)) return '#f2b5a7';
  return /::/.test(name) ? '#f3e3b3' : '#d5d5d5';
}

/** @param {string} content */
const escaped = (content) =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
