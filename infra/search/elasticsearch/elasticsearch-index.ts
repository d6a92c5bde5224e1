import { Client, type ClientOptions, type estypes } from '@elastic/elasticsearch'
import { FILE_TYPES } from '#infra/content-scan/text/port'
import type { ContentHash } from '#domain/message/content-hash'
import type { Position } from '#infra/event-log/port'
import {
  BadCursor,
  type FacetCount,
  type Facets,
  type Found,
  type IndexBatch,
  type IndexEntry,
  type SearchIndex,
  type SearchRequest,
  type StoredDocument,
} from '../port.ts'
import { SIZE_CLASSES } from '../size-classes.ts'
import type { Sought } from '../sought.ts'
import { writeAll } from './bulk.ts'
import { indexSettings, MAPPING_VERSION, mappings } from './mapping.ts'
import { answerOf, isMissing } from './patience.ts'
import { questionOf } from './question.ts'
import { rankedQuestionOf } from './ranking.ts'

export interface ElasticsearchSettings {
  readonly url: string
  readonly username: string | null
  readonly password: string | null
  readonly apiKey: string | null
  /** Name of the alias that is searched; indexes and the template are named after it. */
  readonly index: string
  /** Default: `MAPPING_VERSION`. Another one for specs. */
  readonly mappingVersion?: number
}

/** Milliseconds for one request. */
const TIMEOUT = 30_000
/** Milliseconds for which it is remembered which index the alias means. */
const ALIAS_KEPT = 2_000
const MOST_PEOPLE = 20
const MOST_MONTHS = 240

/** Connects at the first request, not before. */
export const openElasticsearchIndex = (settings: ElasticsearchSettings): SearchIndex =>
  new ElasticsearchIndex(
    new Client(clientOptions(settings)),
    settings.index,
    settings.mappingVersion ?? MAPPING_VERSION,
  )

const clientOptions = ({ url, username, password, apiKey }: ElasticsearchSettings): ClientOptions => ({
  node: url,
  requestTimeout: TIMEOUT,
  // bulk has its own patience
  maxRetries: 1,
  ...(apiKey !== null
    ? { auth: { apiKey } }
    : username !== null
      ? { auth: { username, password: password ?? '' } }
      : {}),
})

interface Hit {
  readonly id: string
  readonly hash: ContentHash
  readonly removed?: boolean
  readonly stored: StoredDocument
}

class ElasticsearchIndex implements SearchIndex {
  readonly #client: Client
  /** What is searched. */
  readonly #alias: string
  /** What is written. */
  readonly #index: string
  /** How far each index is. */
  readonly #state: string
  #ready: Promise<void> | undefined
  #searched: { readonly index: string; readonly until: number } | undefined

  constructor(client: Client, alias: string, version: number) {
    this.#client = client
    this.#alias = alias
    this.#index = `${alias}-v${version}`
    this.#state = `${alias}-state`
  }

  async write(batch: IndexBatch): Promise<void> {
    await answerOf(async () => {
      await this.#prepared()
      await writeAll(this.#client, this.#index, batch)
      if (batch.position === null) return
      await this.#reached(batch.position)
      await this.#takeOver(batch.position)
    })
  }

  search({ sought, order, cursor, limit }: SearchRequest): Promise<Found> {
    return answerOf(async () => {
      const after = cursor === null ? null : readCursor(cursor, order)
      const index = await this.#current()
      if (index === null) return { documents: [], next: null, position: null }
      // asked before: what comes meanwhile is not claimed
      const position = await this.#positionOf(index)
      const answer = await this.#client.search<Hit>({
        index,
        query:
          order === 'date'
            ? { bool: { filter: [questionOf(sought), EXISTING] } }
            : { bool: { must: rankedQuestionOf(sought), filter: EXISTING } },
        sort: [...(order === 'date' ? [] : [{ _score: { order: 'desc' as const } }]), { date: 'desc' }, { id: 'desc' }],
        size: limit + 1,
        track_total_hits: false,
        _source: ['stored'],
        ...(after === null ? {} : { search_after: after }),
      })
      const { hits } = answer.hits
      const page = hits.slice(0, limit)
      const last = page.at(-1)
      return {
        documents: page.flatMap(({ _source }) => (_source === undefined ? [] : [_source.stored])),
        next: hits.length > limit && last?.sort !== undefined ? writeCursor(last.sort) : null,
        position,
      }
    })
  }

  facets(sought: Sought): Promise<Facets> {
    return answerOf(async () => {
      const index = await this.#current()
      if (index === null) return { total: 0, people: [], months: [], sizes: [], types: [] }
      const answer = await this.#client.search({
        index,
        query: { bool: { filter: [questionOf(sought), EXISTING] } },
        size: 0,
        track_total_hits: true,
        aggs: {
          people: { terms: { field: 'people', size: MOST_PEOPLE } },
          months: {
            date_histogram: { field: 'date', calendar_interval: 'month', min_doc_count: 1, format: 'yyyy-MM' },
          },
          sizes: { range: { field: 'size', ranges: [...sizeRanges()] } },
          types: { terms: { field: 'types', size: FILE_TYPES.length } },
        },
      })
      const total = answer.hits.total
      return {
        total: typeof total === 'number' ? total : (total?.value ?? 0),
        people: counted(answer.aggregations?.['people']),
        months: counted(answer.aggregations?.['months']).reverse().slice(0, MOST_MONTHS),
        sizes: counted(answer.aggregations?.['sizes']).sort((one, other) => other.count - one.count),
        types: counted(answer.aggregations?.['types']),
      }
    })
  }

  documents(ids: readonly string[]): Promise<readonly StoredDocument[]> {
    return answerOf(async () => {
      const index = await this.#current()
      if (index === null || ids.length === 0) return []
      const { docs } = await this.#client.mget<Hit>({ index, ids: [...ids], _source_includes: ['stored', 'removed'] })
      return docs.flatMap((doc) =>
        '_source' in doc && doc._source !== undefined && doc._source.removed !== true ? [doc._source.stored] : [],
      )
    })
  }

  list(after: string | null, limit: number): Promise<readonly IndexEntry[]> {
    return answerOf(async () => {
      await this.#prepared()
      await this.#client.indices.refresh({ index: this.#index })
      const answer = await this.#client.search<Hit>({
        index: this.#index,
        query: { match_all: {} },
        sort: [{ id: 'asc' }],
        size: limit,
        version: true,
        track_total_hits: false,
        _source: ['id', 'hash', 'removed'],
        ...(after === null ? {} : { search_after: [after] }),
      })
      return answer.hits.hits.map(({ _source, _version }) => ({
        id: _source!.id,
        revision: Number(_version),
        contentHash: _source!.removed === true ? null : _source!.hash,
      }))
    })
  }

  checkpoint(): Promise<Position | null> {
    return answerOf(() => this.#positionOf(this.#index))
  }

  async close(): Promise<void> {
    await this.#client.close()
  }

  /** The template, the index and the place where it is noted how far it is. */
  #prepared(): Promise<void> {
    this.#ready ??= this.#prepare().catch((error: unknown) => {
      this.#ready = undefined
      throw error
    })
    return this.#ready
  }

  async #prepare(): Promise<void> {
    const { indices } = this.#client
    await indices.putIndexTemplate({
      name: this.#alias,
      index_patterns: [`${this.#alias}-v*`],
      template: { settings: indexSettings, mappings },
      priority: 500,
      _meta: { mappingVersion: MAPPING_VERSION },
    })
    await this.#createUnlessThere(this.#index, {})
    await this.#createUnlessThere(this.#state, {
      settings: { number_of_shards: 1, auto_expand_replicas: '0-1' },
      mappings: { dynamic: 'strict', properties: { position: { type: 'keyword' } } },
    })
    // the first index there is answers from its beginning
    if ((await this.#current()) === null) await this.#pointAt(this.#index, [])
  }

  async #createUnlessThere(index: string, body: Omit<estypes.IndicesCreateRequest, 'index'>): Promise<void> {
    try {
      await this.#client.indices.create({ index, ...body })
    } catch (error) {
      if (!(await this.#client.indices.exists({ index }))) throw error
    }
  }

  /** Which index the alias means; null: there is none yet. */
  async #current(): Promise<string | null> {
    const now = performance.now()
    if (this.#searched !== undefined && this.#searched.until > now) return this.#searched.index
    const [index] = await this.#meant()
    this.#searched = index === undefined ? undefined : { index, until: now + ALIAS_KEPT }
    return index ?? null
  }

  async #meant(): Promise<string[]> {
    try {
      return Object.keys(await this.#client.indices.getAlias({ name: this.#alias })).sort()
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  }

  async #positionOf(index: string): Promise<Position | null> {
    try {
      const state = await this.#client.get<{ position: Position }>({ index: this.#state, id: index })
      return state._source?.position ?? null
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  /** Never back: of several nodes the one that is further counts. */
  async #reached(position: Position): Promise<void> {
    await this.#client.index(
      {
        index: this.#state,
        id: this.#index,
        version: Number(position),
        version_type: 'external_gte',
        document: { position },
      },
      { ignore: [409] },
    )
  }

  /** A new index answers from when it is as far as the old one, which then goes. */
  async #takeOver(position: Position): Promise<void> {
    const current = await this.#current()
    if (current === this.#index) return
    const before = current === null ? null : await this.#positionOf(current)
    if (before !== null && position < before) return
    const old = (await this.#meant()).filter((index) => index !== this.#index)
    await this.#pointAt(this.#index, old)
    for (const index of old) {
      await this.#client.indices.delete({ index, ignore_unavailable: true })
      await this.#client.delete({ index: this.#state, id: index }, { ignore: [404] })
    }
  }

  async #pointAt(index: string, instead: readonly string[]): Promise<void> {
    await this.#client.indices.updateAliases({
      actions: [
        ...instead.map((old) => ({ remove: { index: old, alias: this.#alias } })),
        { add: { index, alias: this.#alias } },
      ],
    })
    this.#searched = undefined
  }
}

/** What was removed never answers. */
const EXISTING: estypes.QueryDslQueryContainer = { bool: { must_not: { term: { removed: true } } } }

function* sizeRanges(): Generator<estypes.AggregationsAggregationRange> {
  let from = 0
  for (const { name, under } of SIZE_CLASSES) {
    yield { key: name, from, ...(Number.isFinite(under) ? { to: under } : {}) }
    from = under
  }
}

interface Buckets {
  readonly buckets: readonly { readonly key: string; readonly key_as_string?: string; readonly doc_count: number }[]
}

const counted = (aggregate: unknown): FacetCount[] =>
  ((aggregate as Buckets | undefined)?.buckets ?? [])
    .filter(({ doc_count }) => doc_count > 0)
    .map(({ key, key_as_string, doc_count }) => ({ value: key_as_string ?? key, count: doc_count }))

const writeCursor = (sort: readonly unknown[]): string => Buffer.from(JSON.stringify(sort)).toString('base64url')

const readCursor = (cursor: string, order: SearchRequest['order']): estypes.FieldValue[] => {
  try {
    const sort: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    const expected = order === 'date' ? ['number', 'string'] : ['number', 'number', 'string']
    if (
      Array.isArray(sort) &&
      sort.length === expected.length &&
      sort.every((value, at) => typeof value === expected[at])
    )
      return sort as estypes.FieldValue[]
  } catch {
    // it is none
  }
  throw new BadCursor()
}
