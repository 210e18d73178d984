import { onUnmounted, readonly, ref, type Ref } from 'vue';

/** The time in UTC milliseconds, told anew every `everyMs`. */
export function useNow(everyMs = 10_000): Readonly<Ref<number>> {
  const now = ref(Date.now());
  const timer = setInterval(() => (now.value = Date.now()), everyMs);
  onUnmounted(() => clearInterval(timer));
  return readonly(now);
}
