/**
 * A chart with its title above.
 * @param {string} title
 * @param {{ width: number, height: number, style?: string }} frame `style`: further rules of CSS
 * @param {readonly string[]} parts
 * @returns {string} SVG
 */
export const chart = (title, { width, height, style = '' }, parts) =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>text{font:13px sans-serif;fill:#222}.title{font-weight:bold;font-size:15px}.panel{fill:#555}.end{text-anchor:end}${style}</style>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(10, 22, title, 'class="title"'),
    ...parts,
    '</svg>\n',
  ].join('\n');

/** @param {number} x @param {number} y @param {string} content @param {string} attributes */
export const text = (x, y, content, attributes) =>
  `<text x="${Number(x.toFixed(1))}" y="${Number(y.toFixed(1))}" ${attributes}>${escaped(content)}</text>`;

/** As text of XML. @param {string} content */
const escaped = (content) => content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
