import { onUnmounted, readonly, ref, type Ref } from 'vue';

/** Whether a media query matches, as long as the component is there. */
export function useMediaQuery(query: string): Readonly<Ref<boolean>> {
  const media = globalThis.matchMedia(query);
  const matches = ref(media.matches);
  const follow = (): void => void (matches.value = media.matches);
  media.addEventListener('change', follow);
  onUnmounted(() => media.removeEventListener('change', follow));
  return readonly(matches);
}
