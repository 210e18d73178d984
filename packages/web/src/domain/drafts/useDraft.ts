import {
  computed,
  ref,
  shallowRef,
  toValue,
  watch,
  type ComputedRef,
  type MaybeRefOrGetter,
  type Ref,
} from 'vue';
import { differing, rebase, type Fields, type ForeignChange } from './draft.js';

/** Something that people change, and whose changes are counted. */
export interface Versioned {
  readonly version: number;
}

export interface Draft<Name extends string> {
  readonly fields: Ref<Record<Name, string>>;
  /** What others changed since the form was opened. */
  readonly changes: Readonly<Ref<readonly ForeignChange<Name>[]>>;
  /** Names of the fields that saving changes. */
  readonly dirty: ComputedRef<readonly Name[]>;
  /** Version of it that the form has seen: for `If-Match`. */
  readonly version: ComputedRef<number>;
}

/** What the form is made of. */
interface Seen<Name extends string> {
  readonly base: Fields<Name>;
  readonly version: number;
  readonly changes: readonly ForeignChange<Name>[];
}

/** A form over something that follows it: others' changes come in, what was typed stays. Begins anew when opened. */
export function useDraft<Name extends string, Thing extends Versioned>(
  open: MaybeRefOrGetter<boolean>,
  thing: MaybeRefOrGetter<Thing>,
  read: (thing: Thing) => Record<Name, string>,
): Draft<Name> {
  const begin = (): Seen<Name> => {
    const { version } = toValue(thing);
    return { base: read(toValue(thing)), version, changes: [] };
  };
  const seen = shallowRef(begin());
  const fields = ref<Record<string, string>>({ ...seen.value.base }) as Ref<Record<Name, string>>;

  watch(
    () => toValue(open),
    (isOpen) => {
      if (!isOpen) return;
      seen.value = begin();
      fields.value = { ...seen.value.base };
    },
  );
  watch(
    () => toValue(thing),
    (now) => {
      const { base, version, changes } = seen.value;
      if (now.version === version) return;
      const theirs = read(now);
      const rebased = rebase(base, fields.value, theirs);
      const known = changes.filter(({ name }) => rebased.changes.every((change) => change.name !== name));
      fields.value = { ...rebased.fields };
      seen.value = { base: theirs, version: now.version, changes: [...known, ...rebased.changes] };
    },
  );
  return {
    fields,
    changes: computed(() => seen.value.changes),
    dirty: computed(() => differing(seen.value.base, fields.value)),
    version: computed(() => seen.value.version),
  };
}
