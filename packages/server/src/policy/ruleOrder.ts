import type { RuleRecord } from '../store/rules.js';

/** Where in the list; none of them: at the end. */
export type RulePlace =
  | { readonly kind: 'end' }
  /** From 1; beyond the end is the end. */
  | { readonly kind: 'position'; readonly position: number }
  /** Beside the rule with this uuid. */
  | { readonly kind: 'before' | 'after'; readonly uuid: string };

/** Positions of all rules once one stands somewhere: its own, and those of the others that have to move. */
export interface Placement {
  readonly position: number;
  /** Usually none: between two positions there is nearly always room. */
  readonly moved: ReadonlyMap<string, number>;
}

/**
 * Finds a position for a rule among the others; null when the rule that it should stand beside is not there.
 *
 * @param others in order, without the rule itself
 */
export function placeAmong(others: readonly RuleRecord[], place: RulePlace): Placement | null {
  const index = indexOf(others, place);
  if (index === null) return null;
  const before = others[index - 1]?.position ?? (others[0]?.position ?? 2) - 2;
  const after = others[index]?.position ?? before + 2;
  const position = (before + after) / 2;
  if (before < position && position < after) return { position, moved: new Map() };
  // Halved too often: everybody gets a whole number.
  const moved = new Map(others.map(({ uuid }, at) => [uuid, at < index ? at + 1 : at + 2]));
  return { position: index + 1, moved };
}

/** At which index of the others the rule is to stand. */
function indexOf(others: readonly RuleRecord[], place: RulePlace): number | null {
  if (place.kind === 'end') return others.length;
  if (place.kind === 'position') return Math.min(Math.max(place.position - 1, 0), others.length);
  const index = others.findIndex(({ uuid }) => uuid === place.uuid);
  if (index < 0) return null;
  return place.kind === 'before' ? index : index + 1;
}
