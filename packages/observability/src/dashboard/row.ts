import type { PanelSource } from './panel.js';

/** Panels under a heading, in reading order. */
export interface Row {
  readonly title: string;
  readonly panels: readonly PanelSource[];
}
