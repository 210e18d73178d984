/** The fields of a form, as they are typed. */
export type Fields<Name extends string> = Readonly<Record<Name, string>>;

/** A field that somebody else changed while it stood in a form. */
export interface ForeignChange<Name extends string> {
  readonly name: Name;
  readonly before: string;
  readonly now: string;
  /** It was typed into here as well: saving puts that in place of theirs. */
  readonly contested: boolean;
}

export interface Rebased<Name extends string> {
  readonly fields: Fields<Name>;
  readonly changes: readonly ForeignChange<Name>[];
}

/** Names whose text is another in `b` than in `a`. */
export function differing<Name extends string>(a: Fields<Name>, b: Fields<Name>): readonly Name[] {
  return (Object.keys(a) as Name[]).filter((name) => a[name] !== b[name]);
}

/**
 * What becomes of a form when what it was made of has changed: fields that nobody touched here follow, what was typed
 * stays, and all that changed is told.
 */
export function rebase<Name extends string>(
  base: Fields<Name>,
  typed: Fields<Name>,
  theirs: Fields<Name>,
): Rebased<Name> {
  const touched = differing(base, typed);
  const changes = differing(base, theirs).map((name) => ({
    name,
    before: base[name],
    now: theirs[name],
    contested: touched.includes(name) && typed[name] !== theirs[name],
  }));
  const kept = Object.fromEntries(touched.map((name) => [name, typed[name]]));
  return { fields: { ...theirs, ...kept }, changes };
}
