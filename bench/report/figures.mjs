import { measures } from '../measures/measures.mjs';
import { pingAboveRaw } from './results.mjs';

/** @type {Readonly<Record<string, import('../measures/measure.mjs').Figure>>} */
const known = {
  ...Object.assign({}, ...measures.map(({ figures }) => figures)),
  [pingAboveRaw]: { title: 'ping, idle, median above the bare wire', unit: 'ms', better: 'lower' },
};

/** Figures in the order in which they are shown; cells of the lossy wire are not among them. */
export const figureNames = Object.keys(known);

/**
 * What a figure is; one that is unknown is a cell of the lossy wire, whose name says what it is.
 * @param {string} name
 * @returns {import('../measures/measure.mjs').Figure}
 */
export const figureOf = (name) => known[name] ?? { title: name, unit: 'of plain TCP', better: 'higher' };

/**
 * Three digits, or whole numbers.
 * @param {number} value
 */
export const show = (value) =>
  Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(Math.abs(value) < 1 ? 2 : 3)));

/**
 * Known figures first, in their order, then cells.
 * @param {readonly string[]} names
 */
export const inOrder = (names) => [
  ...figureNames.filter((name) => names.includes(name)),
  ...names.filter((name) => !figureNames.includes(name)),
];
