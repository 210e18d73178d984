import { InvalidArgumentError } from 'commander';

/** What a text on the command line means, or what is wrong with it: the rest of a sentence, "must be …". */
export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

export function means<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function wrong(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}

/** A parser as commander takes it: what is wrong ends the command with exit code 2 before anything is asked. */
export function argument<T>(parse: (text: string) => Parsed<T>): (text: string) => T {
  return (text) => {
    const parsed = parse(text);
    if (parsed.ok) return parsed.value;
    throw new InvalidArgumentError(`It ${parsed.problem}.`);
  };
}

/** As {@link argument}, for options that may be given more than once. */
export function repeated<T>(parse: (text: string) => Parsed<T>): (text: string, before?: T[]) => T[] {
  const one = argument(parse);
  return (text, before = []) => [...before, one(text)];
}

/** What `parse` has, or the word itself, for "not set here". (Commander takes no null from a parser.) */
export function orInherit<T>(parse: (text: string) => Parsed<T>): (text: string) => Parsed<T | 'inherit'> {
  return (text) => (text === 'inherit' ? means(text) : parse(text));
}

/** Parts between commas, each as `parse` has it; the word `none` is no part at all. */
export function listOf<T>(parse: (text: string) => Parsed<T>): (text: string) => Parsed<T[]> {
  return (text) => {
    if (text === 'none') return means([]);
    const values: T[] = [];
    for (const part of text.split(',')) {
      const parsed = parse(part.trim());
      if (!parsed.ok) return parsed;
      values.push(parsed.value);
    }
    return means(values);
  };
}

/** As {@link listOf}, with at least one part. */
export function someOf<T>(parse: (text: string) => Parsed<T>): (text: string) => Parsed<T[]> {
  return (text) => {
    const parsed = listOf(parse)(text);
    return parsed.ok && parsed.value.length === 0 ? wrong('must not be empty') : parsed;
  };
}
