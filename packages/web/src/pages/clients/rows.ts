import type { InfiniteData } from '@tanstack/vue-query';
import type { Model } from '../../api/client.js';

type Pages = InfiniteData<Model<'ClientList'>, string | null>;

/** The same pages with a client as it is now; null: it is gone. Pages that do not hold it stay the objects they are. */
export function withRow(pages: Pages, id: string, client: Model<'Client'> | null): Pages {
  const next = pages.pages.map((page) => {
    if (!page.items.some((item) => item.id === id)) return page;
    const items = page.items.flatMap((item) => {
      if (item.id !== id) return [item];
      return client === null ? [] : [client];
    });
    return { ...page, items };
  });
  return { ...pages, pages: next };
}
