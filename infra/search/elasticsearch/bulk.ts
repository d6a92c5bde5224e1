import type { Client, estypes } from '@elastic/elasticsearch'
import { SearchUnavailable, type IndexBatch, type IndexDocument } from '../port.ts'
import { isPassing, isPassingStatus, waitBefore } from './patience.ts'

/** One document to be written, or the mark that it is gone. */
interface Entry {
  readonly id: string
  readonly revision: number
  readonly versionType: 'external' | 'external_gte'
  readonly source: Readonly<Record<string, unknown>>
}

/** Of one request. UTF-16 units and documents. */
const MOST_LETTERS = 8 * 1024 * 1024
const MOST_DOCUMENTS = 1_000
const MOST_TRIES = 8

/**
 * Writes documents and removals, in requests of bounded size. A server that asks for time gets it; what it did not take is sent again, and
 * nothing else. That a document is there in the same or a later revision is no error. Resolves when all can be found.
 */
export const writeAll = async (client: Client, index: string, batch: IndexBatch): Promise<void> => {
  const entries = entriesOf(batch)
  while (entries.length > 0) await writeSome(client, index, entries)
}

const entriesOf = ({ documents, removals, mend }: IndexBatch): Entry[] => [
  ...removals.map(({ id, revision }): Entry => ({
    id,
    revision,
    versionType: 'external_gte',
    source: { id, removed: true },
  })),
  ...documents.map((document): Entry => ({
    id: document.id,
    revision: document.revision,
    versionType: mend === true ? 'external_gte' : 'external',
    source: sourceOf(document),
  })),
]

const sourceOf = ({ fields, facts, people, ...stored }: IndexDocument): Record<string, unknown> => ({
  id: stored.id,
  hash: stored.contentHash,
  date: stored.date,
  size: stored.size,
  types: stored.types,
  people,
  facts,
  ...fields,
  stored,
})

/** Takes from `entries` what it wrote. */
const writeSome = async (client: Client, index: string, entries: Entry[]): Promise<void> => {
  let letters = 0
  let some: Entry[] = []
  while (entries.length > 0 && some.length < MOST_DOCUMENTS && letters < MOST_LETTERS) {
    const next = entries.shift()!
    letters += JSON.stringify(next.source).length
    some.push(next)
  }
  for (let attempt = 0; some.length > 0; attempt += 1) {
    if (attempt >= MOST_TRIES) throw new SearchUnavailable('Elasticsearch takes no documents now')
    if (attempt > 0) await waitBefore(attempt - 1)
    try {
      some = await leftOver(client, index, some)
    } catch (error) {
      if (!isPassing(error)) throw error
    }
  }
}

/** Those that were not taken because there is no room for them now. */
const leftOver = async (client: Client, index: string, entries: readonly Entry[]): Promise<Entry[]> => {
  const answer = await client.bulk({
    index,
    refresh: 'wait_for',
    operations: entries.flatMap(({ id, revision, versionType, source }) => [
      { index: { _id: id, version: revision, version_type: versionType } },
      source,
    ]),
  })
  if (!answer.errors) return []
  return entries.filter((entry, at) => {
    const item = answer.items[at]?.index
    const status = item?.status ?? 0
    if (status < 300 || status === 409) return false
    if (isPassingStatus(status)) return true
    throw new Error(`Elasticsearch refused ${entry.id}: ${sentenceOf(item?.error)}`)
  })
}

const sentenceOf = (error: estypes.ErrorCause | undefined): string =>
  `${error?.type ?? 'unknown'} ${error?.reason ?? ''} ${error?.caused_by?.reason ?? ''}`.trim()
