import { useI18n } from 'vue-i18n';

/** Why a session ended or was refused, in words; a cause that the page does not know as its code. */
export function useCauseText(): (cause: string) => string {
  const words = useI18n();
  return (cause) => (words.te(`causes.${cause}`) ? words.t(`causes.${cause}`) : cause);
}
