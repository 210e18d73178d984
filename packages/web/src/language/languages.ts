import { createI18n } from 'vue-i18n';
import { readonly, ref, type Plugin, type Ref } from 'vue';

/** Everything that is said in one language; `languages/*.json`, one file each. */
export type Messages = typeof import('../languages/en.json');

const files = import.meta.glob<Messages>('../languages/*.json', { import: 'default' });

/** BCP 47 tags of the languages there are a file for. */
export const tags: readonly string[] = Object.keys(files).map(tagOf);

function tagOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1, -'.json'.length);
}

const storageKey = 'masque-vpn.language';

/**
 * The best of the languages there are: the one chosen before, else the first that the browser wants, else English.
 * `zh-TW` gets `zh`.
 */
export function chooseLanguage(
  chosen: string | null,
  wanted: readonly string[],
  available: readonly string[],
): string {
  const candidates = chosen === null ? wanted : [chosen, ...wanted];
  const found = candidates.flatMap((tag) => {
    const exact = available.find((known) => known.toLowerCase() === tag.toLowerCase());
    const primary = available.find((known) => known === tag.split('-')[0]?.toLowerCase());
    return exact ?? primary ?? [];
  });
  return found[0] ?? 'en';
}

export interface Languages {
  readonly plugin: Plugin;
  readonly current: Readonly<Ref<string>>;
  /** Loads the language and speaks it from then on; remembered in this browser. */
  use(tag: string): Promise<void>;
}

/** The languages of the page, speaking the best one already. */
export async function makeLanguages(): Promise<Languages> {
  const current = ref('en');
  const i18n = createI18n<false>({ locale: 'en', messages: {}, missingWarn: false });
  const speak = async (tag: string): Promise<void> => {
    const load = files[`../languages/${tag}.json`];
    if (load === undefined) return;
    i18n.global.setLocaleMessage(tag, await load());
    i18n.global.locale.value = tag;
    document.documentElement.lang = tag;
    current.value = tag;
  };
  await speak(chooseLanguage(localStorage.getItem(storageKey), navigator.languages, tags));
  const languages: Languages = {
    plugin: {
      install: (app) => {
        app.use(i18n);
        app.provide(languagesKey, languages);
      },
    },
    current: readonly(current),
    use: async (tag) => {
      localStorage.setItem(storageKey, tag);
      await speak(tag);
    },
  };
  return languages;
}

export const languagesKey = Symbol('languages');
