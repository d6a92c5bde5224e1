import { join } from 'node:path'
import type { Config } from '#infra/config/load'
import type { SearchAddress } from '#infra/search/open'

/** Where the settings say that the search index is. */
export const searchAddress = ({ data, log, search, elasticsearch }: Config): SearchAddress => {
  // Positions of one log mean nothing in another: the index of each is kept apart.
  const file = log.engine === 'sqlite' ? 'archive.db' : `archive-${log.engine}.db`
  if (search.engine === 'fts') return { engine: 'fts', path: join(data, 'search', file) }
  const { url, username, password, apiKey, index } = elasticsearch
  if (url === null) throw new Error('elasticsearch.url is not set: where is Elasticsearch?')
  return { engine: 'elasticsearch', url, username, password, apiKey, index }
}
