/**
 * A copy without the room that a list keeps for growing, up to sixteen elements or half its length: for what lives as
 * long as a session, of which there are many.
 */
export const exactly = <Item>(items: readonly Item[]): readonly Item[] => items.slice();
