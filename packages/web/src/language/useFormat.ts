import { computed, type ComputedRef } from 'vue';
import { formatOf, type Format } from './format.js';
import { useLanguages } from './useLanguages.js';

/** Words and figures in the language of the page: `format.bytes(n)`; follows when the language changes. */
export function useFormat(): ComputedRef<Format> {
  const { current } = useLanguages();
  return computed(() => formatOf(current.value));
}
