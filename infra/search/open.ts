import type { ElasticsearchSettings } from './elasticsearch/elasticsearch-index.ts'
import type { SearchIndex, SearchReader } from './port.ts'

/** Where the index is; plain data, so that other threads can be told. */
export type SearchAddress =
  /** The database file. */
  { readonly engine: 'fts'; readonly path: string } | ({ readonly engine: 'elasticsearch' } & ElasticsearchSettings)

/** For the one that writes, in its thread. */
export const openSearchIndex = async (address: SearchAddress): Promise<SearchIndex> => {
  if (address.engine === 'fts') return (await import('./fts/fts-index.ts')).openFtsIndex(address.path)
  return (await import('./elasticsearch/elasticsearch-index.ts')).openElasticsearchIndex(address)
}

/** For those that ask, in any process. Never blocks the thread of the caller. */
export const openSearchReader = async (address: SearchAddress): Promise<SearchReader> => {
  if (address.engine === 'fts') return (await import('./fts/fts-reader.ts')).openFtsReader(address.path)
  return (await import('./elasticsearch/elasticsearch-index.ts')).openElasticsearchIndex(address)
}
