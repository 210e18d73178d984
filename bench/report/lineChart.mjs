import { show } from './figures.mjs';
import { chart, text } from './svg.mjs';

/** @typedef {{ readonly seconds: number, readonly value: number }} Point */
/** @typedef {{ readonly label: string, readonly points: readonly Point[] }} Line */
/** @typedef {{ readonly title: string, readonly lines: readonly Line[] }} LinePanel a scale of its own, from zero */

const width = 760;
const left = 60;
const right = 150;
const height = 120;
const colors = ['#2563a8', '#c0392b', '#2e8b57', '#8e6bbf', '#b07d2b'];

/**
 * Values over time, in panels below each other with one time axis.
 * @param {string} title
 * @param {readonly LinePanel[]} panels
 * @returns {string} SVG
 */
export function lineChart(title, panels) {
  const longest = Math.max(
    1,
    ...panels.flatMap(({ lines }) => lines.flatMap(({ points }) => points.map(({ seconds }) => seconds))),
  );
  const x = (/** @type {number} */ seconds) => left + (seconds / longest) * (width - left - right);
  let y = 34;
  /** @type {string[]} */
  const parts = [];
  for (const panel of panels) {
    parts.push(text(10, y + 14, panel.title, 'class="panel"'), ...drawn(panel, y + 26, x));
    y += height + 44;
  }
  const minutes = longest / 60;
  const step = minutes > 12 ? 5 : minutes > 4 ? 2 : 0.5;
  for (let at = 0; at <= minutes; at += step)
    parts.push(text(x(at * 60), y + 2, `${show(at)} min`, 'class="middle"'));
  y += 16;
  return chart(title, { width, height: y, style: '.middle{text-anchor:middle;fill:#555}' }, parts);
}

/** @param {LinePanel} panel @param {number} top @param {(seconds: number) => number} x */
function drawn({ lines }, top, x) {
  const most = Math.max(...lines.flatMap(({ points }) => points.map(({ value }) => value)), 1e-9);
  const y = (/** @type {number} */ value) => top + height * (1 - value / most);
  const frame = [0, most].flatMap((value) => {
    const at = y(value).toFixed(1);
    return [
      `<line x1="${left}" x2="${width - right}" y1="${at}" y2="${at}" stroke="#ddd"/>`,
      text(left - 6, y(value) + 4, show(value), 'class="end"'),
    ];
  });
  const ends = spread(lines.map(({ points }) => y(points.at(-1)?.value ?? 0)));
  return [
    ...frame,
    ...lines.flatMap(({ label, points }, index) => {
      const color = colors[index % colors.length] ?? '#222';
      const path = points
        .map(({ seconds, value }) => `${x(seconds).toFixed(1)},${y(value).toFixed(1)}`)
        .join(' ');
      return [
        `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="1.5"/>`,
        text(width - right + 6, (ends[index] ?? 0) + 4, label, `style="fill:${color}"`),
      ];
    }),
  ];
}

/** Moves labels apart that would cover each other. @param {readonly number[]} wanted */
function spread(wanted) {
  const order = wanted.map((y, index) => ({ y, index })).sort((a, b) => a.y - b.y);
  let free = -Infinity;
  for (const label of order) {
    label.y = Math.max(label.y, free);
    free = label.y + 14;
  }
  return order.sort((a, b) => a.index - b.index).map(({ y }) => y);
}
