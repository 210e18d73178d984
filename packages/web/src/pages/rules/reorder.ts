/** A row of the list, in pixels from its top. */
export interface Row {
  readonly top: number;
  readonly height: number;
}

/** Index that a row has when it is dropped `distance` pixels below (above: less than 0) where it was taken. */
export function dropIndex(rows: readonly Row[], from: number, distance: number): number {
  const taken = rows[from];
  if (taken === undefined) return from;
  const middle = taken.top + taken.height / 2 + distance;
  // It takes the place of each row whose middle it has passed.
  const passedBelow = rows.slice(from + 1).filter((row) => middle > row.top + row.height / 2).length;
  const passedAbove = rows.slice(0, from).filter((row) => middle < row.top + row.height / 2).length;
  return from + passedBelow - passedAbove;
}

/** How far another row gives way while a row of `height` pixels is held over the list, in pixels. */
export function giveWay(index: number, from: number, to: number, height: number): number {
  if (index > from && index <= to) return -height;
  return index < from && index >= to ? height : 0;
}

/** How fast the page is to scroll while a row is held near its edge, pixels a frame. */
export function scrollSpeed(y: number, windowHeight: number): number {
  const edge = 72;
  const fastest = 14;
  if (y < edge) return -Math.ceil((fastest * (edge - Math.max(y, 0))) / edge);
  const below = y - (windowHeight - edge);
  return below > 0 ? Math.ceil((fastest * Math.min(below, edge)) / edge) : 0;
}
