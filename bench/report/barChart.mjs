import { show } from './figures.mjs';
import { chart, text } from './svg.mjs';

/**
 * @typedef {object} Bar
 * @property {string} label
 * @property {number} median
 * @property {number} least
 * @property {number} most
 * @property {boolean} strong
 * @property {number | null} mark a tick on this bar's line
 */

/** @typedef {{ readonly title: string, readonly bars: readonly Bar[] }} Panel */

const width = 760;
const line = 22;
const labelWidth = 130;
const longLabelWidth = 370;
const valueWidth = 70;

/**
 * Horizontal bars with their range, in panels below each other, each with a scale of its own from zero.
 * @param {string} title
 * @param {readonly Panel[]} panels
 * @returns {string} SVG
 */
export function barChart(title, panels) {
  /** @type {string[]} */
  const parts = [];
  let y = 34;
  for (const panel of panels.filter(({ bars }) => bars.length > 0)) {
    parts.push(text(10, y + 14, panel.title, 'class="panel"'));
    y += line;
    const left = panel.bars.some(({ label }) => label.length > 20) ? longLabelWidth : labelWidth;
    const full = Math.max(...panel.bars.flatMap(({ most, mark }) => [most, mark ?? 0]));
    const scale = full > 0 ? (width - left - valueWidth) / full : 0;
    for (const bar of panel.bars) {
      parts.push(...drawn(bar, left, y, scale));
      y += line;
    }
    y += 10;
  }
  return chart(title, { width, height: y }, parts);
}

/** @param {Bar} bar @param {number} left @param {number} y @param {number} scale */
function drawn({ label, median, least, most, strong, mark }, left, y, scale) {
  const middle = y + line / 2;
  const at = (/** @type {number} */ value) => (left + value * scale).toFixed(1);
  const color = strong ? '#2563a8' : '#9db4cc';
  return [
    text(left - 8, middle + 4, label, 'class="end"'),
    `<rect x="${left}" y="${y + 4}" width="${(median * scale).toFixed(1)}" height="${line - 8}" fill="${color}"/>`,
    `<line x1="${at(least)}" x2="${at(most)}" y1="${middle}" y2="${middle}" stroke="#222"/>`,
    ...(mark === null
      ? []
      : [
          `<line x1="${at(mark)}" x2="${at(mark)}" y1="${y + 1}" y2="${y + line - 1}" stroke="#c0392b" stroke-width="2"/>`,
        ]),
    text(Number(at(Math.max(most, median, mark ?? 0))) + 6, middle + 4, show(median), ''),
  ];
}
