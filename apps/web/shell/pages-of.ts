import { useInfiniteQuery } from '@tanstack/react-query'

interface PageOf<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

/** A list of the API, page by page by its cursor. */
export const usePagesOf = <Item>(
  key: readonly unknown[],
  ask: (cursor: { readonly cursor?: string }) => Promise<PageOf<Item>>,
  options: { readonly enabled?: boolean; readonly refetchInterval?: number } = {},
) => {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => ask(pageParam === null ? {} : { cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    ...options,
  })
  return { ...query, items: query.data?.pages.flatMap(({ items }) => items) ?? [] }
}
