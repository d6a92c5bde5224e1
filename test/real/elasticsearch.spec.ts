import { randomUUID } from 'node:crypto'
import { Client } from '@elastic/elasticsearch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Position } from '#infra/event-log/port'
import { openElasticsearchIndex, type ElasticsearchSettings } from '#infra/search/elasticsearch/elasticsearch-index'
import { SearchUnavailable } from '#infra/search/port'
import type { Sought } from '#infra/search/sought'
import { archived } from '#test/contract/search/archived'
import { searchContract } from '#test/contract/search/contract'
import { startElasticsearch, type Elasticsearch } from './elasticsearch.ts'

let server: Elasticsearch
beforeAll(async () => {
  server = await startElasticsearch()
}, 600_000)
afterAll(() => server.stop())

const settings = (changes: Partial<ElasticsearchSettings> = {}): ElasticsearchSettings => ({
  url: server.url,
  username: null,
  password: null,
  apiKey: null,
  index: `mk-${randomUUID()}`,
  ...changes,
})

searchContract('Elasticsearch', async () => {
  const index = openElasticsearchIndex(settings())
  return { index, settle: async () => {}, cleanUp: () => index.close() }
})

const position = (number: number): Position => String(number).padStart(20, '0') as Position
const MANY: Sought = { is: 'token', fields: null, token: 'many' }
const some = (from: number, to: number) =>
  Promise.all(
    Array.from({ length: to - from }, (_, at) => archived(`m${from + at}`, `Subject: many\n\nnumber ${from + at}`)),
  )

describe('Elasticsearch', () => {
  it('gets a new index beside the old one when the mapping changes, which answers until the new one is as far', async () => {
    const name = `mk-${randomUUID()}`
    const old = openElasticsearchIndex(settings({ index: name }))
    await old.write({ documents: await some(0, 3), removals: [], position: position(3) })
    const next = openElasticsearchIndex(settings({ index: name, mappingVersion: 2 }))
    expect(await next.checkpoint()).toBeNull()
    await next.write({ documents: await some(0, 1), removals: [], position: position(1) })
    const asked = { sought: MANY, order: 'date', cursor: null, limit: 10 } as const
    expect((await next.search(asked)).documents).toHaveLength(3)
    await next.write({ documents: await some(1, 4), removals: [], position: position(4) })
    expect(await next.search(asked)).toMatchObject({ documents: { length: 4 }, position: position(4) })
    const client = new Client({ node: server.url })
    expect(Object.keys(await client.indices.get({ index: `${name}-v*` }))).toEqual([`${name}-v2`])
    await Promise.all([client.close(), old.close(), next.close()])
  })

  it('of several nodes counts the one that is further', async () => {
    const index = openElasticsearchIndex(settings())
    await index.write({ documents: [], removals: [], position: position(9) })
    await index.write({ documents: [], removals: [], position: position(4) })
    expect(await index.checkpoint()).toBe(position(9))
    await index.close()
  })

  it('that is killed in the midst and comes back has every document once', async () => {
    const index = openElasticsearchIndex(settings())
    await index.write({ documents: await some(0, 50), removals: [], position: position(50) })
    const writing = (async () => {
      for (let from = 50; from < 600; from += 50) {
        const batch = { documents: await some(from, from + 50), removals: [], position: position(from + 50) }
        // whoever indexes tries again until the batch is in
        for (let isIn = false; !isIn;) {
          isIn = await index.write(batch).then(
            () => true,
            (error: unknown) => {
              expect(error).toBeInstanceOf(SearchUnavailable)
              return false
            },
          )
        }
      }
    })()
    await server.kill()
    await server.restart()
    await writing
    const ids: string[] = []
    for (let after: string | null = null, more = true; more; more = after !== null) {
      const page = await index.list(after, 500)
      ids.push(...page.map(({ id }) => id))
      after = page.length === 500 ? page.at(-1)!.id : null
    }
    expect(ids.toSorted()).toEqual(Array.from({ length: 600 }, (_, at) => `m${at}`).toSorted())
    expect(await index.checkpoint()).toBe(position(600))
    await index.close()
  }, 300_000)
})
