import { inject } from 'vue';
import { languagesKey, type Languages } from './languages.js';

/** The languages of the page. */
export function useLanguages(): Languages {
  const languages = inject<Languages>(languagesKey);
  if (languages === undefined) throw new Error('the page was made without languages');
  return languages;
}
