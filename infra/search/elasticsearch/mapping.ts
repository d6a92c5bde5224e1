import type { estypes } from '@elastic/elasticsearch'
import { FIELDS } from '../sought.ts'

/** Of the mapping and of tokens: another one makes an index beside the old one. */
export const MAPPING_VERSION = 1

/** Tokens are cut at blanks: they were made before (tokens/). */
const tokens = (copyTo?: string): estypes.MappingProperty => ({
  type: 'text',
  analyzer: 'tokens',
  ...(copyTo === undefined ? {} : { copy_to: copyTo }),
})
const keyword: estypes.MappingProperty = { type: 'keyword' }

/** All text at once, for words that are looked for anywhere; fields lie far apart in it, so that no phrase reaches from one into the next. */
export const ANYWHERE = 'anywhere'

export const indexSettings: estypes.IndicesIndexSettings = {
  number_of_shards: 1,
  auto_expand_replicas: '0-1',
  // also when nobody asks: what is said to be complete must be found
  refresh_interval: '500ms',
  analysis: {
    tokenizer: { blanks: { type: 'whitespace', max_token_length: 1_000 } },
    analyzer: { tokens: { type: 'custom', tokenizer: 'blanks' } },
  },
}

export const mappings: estypes.MappingTypeMapping = {
  dynamic: 'strict',
  _source: { excludes: [...FIELDS, 'facts', 'people'] },
  properties: {
    id: keyword,
    /** The mail is gone, its document stays away. */
    removed: { type: 'boolean' },
    hash: { type: 'keyword', index: false },
    date: { type: 'date', format: 'epoch_millis' },
    size: { type: 'long' },
    types: keyword,
    people: keyword,
    facts: { type: 'keyword', doc_values: false },
    [ANYWHERE]: { ...tokens(), position_increment_gap: 1_000 } as estypes.MappingProperty,
    ...Object.fromEntries(FIELDS.map((field) => [field, tokens(ANYWHERE)])),
    /** What is shown of it (`StoredDocument`). */
    stored: { type: 'object', enabled: false },
  },
}
