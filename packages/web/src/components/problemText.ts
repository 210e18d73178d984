import { useI18n } from 'vue-i18n';
import type { ApiProblem } from '../api/problem.js';

/** Says a problem in the language of the page; one that it has no words for in the server's own. */
export function useProblemText(): (problem: ApiProblem) => string {
  const words = useI18n();
  return ({ code, detail, retryAfterSeconds }) => {
    const key = `problems.${code}`;
    if (!words.te(key)) return detail === '' ? words.t('problems.other', { code }) : detail;
    return words.t(key, { detail, seconds: retryAfterSeconds ?? 0 });
  };
}
