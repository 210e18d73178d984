import { useInfiniteQuery, type QueryKey } from '@tanstack/vue-query';
import { computed, type ComputedRef, type Ref } from 'vue';

/** One page of a list as the API answers it. */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/** A list that is read page by page, as far as it was read. */
export interface Pages<Item> {
  readonly rows: ComputedRef<readonly Item[]>;
  readonly isPending: Ref<boolean>;
  readonly error: Ref<Error | null>;
  /** Whether there is more to read, and whether that is under way. */
  readonly hasMore: Ref<boolean>;
  readonly isReadingMore: Ref<boolean>;
  readMore(): void;
  refetch(): unknown;
}

export interface PagesOptions {
  /** How often what was read is read again; never without it. */
  readonly everyMs?: number;
  /** `key` names whose list it is: rows of the former one go at once. */
  readonly ofOne?: true;
}

/** Reads the first page of a list, and further ones when asked; `key` says what is read, filters included. */
export function usePages<Item>(
  key: () => QueryKey,
  read: (cursor: string | undefined, signal: AbortSignal) => Promise<ListPage<Item>>,
  { everyMs, ofOne }: PagesOptions = {},
): Pages<Item> {
  const query = useInfiniteQuery({
    queryKey: computed(key),
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    // The rows of the former filters stay until those of the new ones are there.
    placeholderData: (former) => (ofOne === true ? undefined : former),
    refetchInterval: everyMs ?? false,
  });
  return {
    rows: computed(() => query.data.value?.pages.flatMap(({ items }) => items) ?? []),
    isPending: query.isPending,
    error: query.error,
    hasMore: query.hasNextPage,
    isReadingMore: query.isFetchingNextPage,
    readMore: () => {
      if (query.hasNextPage.value && !query.isFetchingNextPage.value) void query.fetchNextPage();
    },
    refetch: () => query.refetch(),
  };
}
