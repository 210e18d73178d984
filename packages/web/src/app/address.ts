import { computed, type ComputedRef, type WritableComputedRef } from 'vue';
import { useRoute, useRouter, type LocationQuery } from 'vue-router';

/** What of a page is in the query of its address: filters, sorting, what is selected. */
export interface Address<Name extends string> {
  /** Present values; absent ones are as the defaults say. */
  readonly values: ComputedRef<Readonly<Record<Name, string>>>;
  /** Puts new values into the address, in place of the present entry of the history. */
  set(change: Readonly<Partial<Record<Name, string>>>): void;
  /** One value, for `v-model`. */
  field(name: Name): WritableComputedRef<string>;
  /** Whether any value is another than its default. */
  readonly changed: ComputedRef<boolean>;
  clear(): void;
}

/** Reads and writes `defaults`' names in the query; a default is never written into it. */
export function useAddress<Name extends string>(defaults: Readonly<Record<Name, string>>): Address<Name> {
  const route = useRoute();
  const router = useRouter();
  const names = Object.keys(defaults) as Name[];
  const values = computed(() => readAddress(route.query, defaults));
  // Navigation is not immediate: two changes at once must both arrive.
  type Change = Readonly<Partial<Record<Name, string>>>;
  const none = {} as Change;
  let pending = none;
  const set = (change: Change): void => {
    const mine = { ...pending, ...change };
    pending = mine;
    const query = writeAddress(route.query, { ...values.value, ...mine }, defaults);
    void router.replace({ query, hash: route.hash }).then(() => {
      if (pending === mine) pending = none;
    });
  };
  return {
    values,
    set,
    field: (name) =>
      computed({
        get: () => values.value[name],
        set: (value) => set({ [name]: value } as Partial<Record<Name, string>>),
      }),
    changed: computed(() => names.some((name) => values.value[name] !== defaults[name])),
    clear: () => set(defaults),
  };
}

export function readAddress<Name extends string>(
  query: LocationQuery,
  defaults: Readonly<Record<Name, string>>,
): Readonly<Record<Name, string>> {
  const entries = Object.entries<string>(defaults).map(([name, usual]) => {
    const value = query[name];
    return [name, typeof value === 'string' ? value : usual];
  });
  return Object.fromEntries(entries) as Record<Name, string>;
}

/** The query with `values` in place of what it says of them; other parts stay. */
export function writeAddress<Name extends string>(
  query: LocationQuery,
  values: Readonly<Record<Name, string>>,
  defaults: Readonly<Record<Name, string>>,
): LocationQuery {
  const others = Object.entries(query).filter(([name]) => !(name in defaults));
  const own = Object.entries<string>(values).filter(([name, value]) => value !== defaults[name as Name]);
  return Object.fromEntries([...others, ...own]);
}
