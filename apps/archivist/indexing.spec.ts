import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { parseQuery } from '#domain/archive/query/parse'
import { isQueryProblem } from '#domain/archive/query/query'
import { itemId } from '#domain/archive/item-id'
import type { MailEvent } from '#domain/mail/events'
import { eventTypes } from '#domain/event-types'
import { mailStream } from '#domain/mail/events'
import type { ContentHash } from '#domain/message/content-hash'
import { openFsContentStore } from '#infra/content-store/fs/store'
import type { ContentStore } from '#infra/content-store/port'
import { createCodec } from '#infra/event-log/codec'
import type { EventLog } from '#infra/event-log/port'
import { openSqliteEventLog } from '#infra/event-log/sqlite/open'
import { openFtsIndex } from '#infra/search/fts/fts-index'
import { openFtsReader } from '#infra/search/fts/fts-reader'
import type { SearchReader, StoredDocument } from '#infra/search/port'
import { soughtBy } from '#infra/search/sought'
import { temporaryFolder } from '#test/dsl/temporary'
import { Indexing } from './indexing.ts'
import { openTexts } from './texts.ts'

const ANN = 'ann@example.org'
let folder: string
let log: EventLog
let content: ContentStore
let search: SearchReader
let indexing: Indexing
let mails = 0
let troubles: string[]
const at = () => ({
  log: { engine: 'sqlite', path: join(folder, 'log', 'events.db') } as const,
  content: join(folder, 'content'),
  search: { engine: 'fts', path: join(folder, 'search', 'archive.db') } as const,
})

const begin = (): void => {
  indexing = new Indexing(at(), (reason) => reason !== null && troubles.push(reason))
  indexing.start()
}

beforeEach(async () => {
  folder = await temporaryFolder()
  troubles = []
  log = await openSqliteEventLog({ path: at().log.path, codec: createCodec(eventTypes), now: () => 1_000 })
  content = await openFsContentStore({ path: at().content, onProblem: () => {} })
  search = openFtsReader(at().search.path)
  begin()
})
afterEach(async () => {
  await indexing.stop()
  await Promise.all([search.close(), content.close(), log.close()])
})

type Archived = Extract<MailEvent, { type: 'Archived' }>['data']

const append = async (id: string, event: MailEvent, expected: 'noStream' | number): Promise<void> => {
  await log.append(mailStream(id), expected, [
    {
      ...event,
      id: crypto.randomUUID(),
      metadata: { occurredAt: 5_000, actor: { kind: 'system', part: 'spec' }, correlationId: 'x', causationId: 'x' },
    },
  ])
}

const archive = async (
  text: string,
  changes: Partial<Archived> = {},
): Promise<{ id: string; item: string; hash: ContentHash }> => {
  const id = `01JNA${String(++mails).padStart(21, '0')}`
  const { hash, size } = await content.put(Buffer.from(text.replaceAll('\n', '\r\n')))
  const data: Archived = {
    account: ANN,
    role: 'received',
    contentHash: hash,
    size,
    dueAt: 1_000 * mails,
    retainUntil: null,
    headerFrom: null,
    to: [],
    subject: null,
    ...changes,
  }
  await append(id, { type: 'Archived', data }, 'noStream')
  return { id, item: itemId({ mail: id, account: data.account, role: data.role }), hash }
}

const found = async (text: string): Promise<readonly StoredDocument[]> => {
  const query = parseQuery(text)
  if (isQueryProblem(query)) throw new Error(query.sentence)
  return (await search.search({ sought: soughtBy(query, () => []), order: 'date', cursor: null, limit: 100 })).documents
}
const comesTo = (text: string, items: readonly string[]) =>
  vi.waitFor(async () => expect((await found(text)).map(({ id }) => id)).toEqual(items), {
    timeout: 15_000,
    interval: 50,
  })
const upToDate = () =>
  vi.waitFor(async () => expect(await search.checkpoint()).toBe(await log.lastPosition()), {
    timeout: 15_000,
    interval: 50,
  })

it('finds what is archived, knows up to where, goes on after a stop, and loses what is purged', async () => {
  const one = await archive('Subject: first of all\n\nthe beginning')
  await comesTo('beginning', [one.item])
  await upToDate()
  await indexing.stop()
  const two = await archive('Subject: second\n\nanother beginning')
  begin()
  await comesTo('beginning', [two.item, one.item])
  const purged: MailEvent = { type: 'CopyPurged', data: { account: ANN, role: 'received', contentHash: one.hash } }
  await append(one.id, purged, 0)
  await comesTo('beginning', [two.item])
  await upToDate()
  expect(troubles).toEqual([])
})

it('has a document of every copy, whatever became of its bytes', async () => {
  const lost = await archive('Subject: lost\n\nlost', { contentHash: 'ab'.repeat(32) as ContentHash })
  await comesTo('unreadable:true', [lost.item])
  expect((await found('unreadable:true'))[0]?.unreadable).toEqual(['the mail: its content is missing'])
})

it('compares log, contents and index, and mends the index', async () => {
  const kept = await archive('Subject: kept\n\nwords to find')
  const lost = await archive('Subject: lost\n\nwords to find')
  const gone = await archive('Subject: gone\n\nwords to find')
  await comesTo('words', [gone.item, lost.item, kept.item])
  await append(gone.id, { type: 'CopyPurged', data: { account: ANN, role: 'received', contentHash: gone.hash } }, 0)
  await comesTo('words', [lost.item, kept.item])
  await upToDate()
  const sound = await indexing.verify('read')
  expect(sound).toMatchObject({
    copies: 2,
    purged: 1,
    content: { missing: { count: 0 }, damaged: { count: 0 } },
    index: { missing: { count: 0 }, surplus: { count: 0 }, different: { count: 0 }, mended: 0 },
  })

  await indexing.stop()
  const [known] = await found('subject:kept')
  await content.drop(lost.hash, Number.MAX_SAFE_INTEGER)
  const index = openFtsIndex(at().search.path)
  const position = await index.checkpoint()
  await index.close()
  // an index that is as far as the log says, and wrong in all ways
  const { rmSync } = await import('node:fs')
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${at().search.path}${suffix}`, { force: true })
  const wrong = openFtsIndex(at().search.path)
  const blank = { subject: '', body: 'words', attached: '', from: '', to: '', cc: '', bcc: '', filename: '' }
  const bad = { ...known!, fields: blank, facts: ['any=thing'], people: [] }
  const invented = itemId({ mail: '01JNAZZZZZZZZZZZZZZZZZZZZZ', account: ANN, role: 'sent' })
  await wrong.write({
    documents: [
      { ...bad, contentHash: lost.hash },
      { ...bad, id: invented },
      { ...bad, id: gone.item, revision: 0 },
    ],
    removals: [],
    position,
  })
  await wrong.close()
  begin()
  const verified = await indexing.verify('there')
  expect(verified.index).toEqual({
    missing: { count: 1, ids: [lost.item] },
    surplus: { count: 2, ids: [gone.item, invented].toSorted() },
    different: { count: 1, ids: [kept.item] },
    mended: 4,
  })
  expect(verified.content.missing).toEqual({ count: 1, ids: [lost.item] })
  await comesTo('words', [kept.item])
  expect((await indexing.verify('there')).index.mended).toBe(0)
})

/** Ends itself over what its copies say. */
const WORKER = `
export default async ({ copies, reading }) => {
  for (const { contentHash } of copies) {
    if (contentHash === 'deadly' && reading !== 'nothing') process.exit(3)
    if (contentHash === 'deadly attachment' && reading === 'all') process.exit(3)
    if (contentHash === 'endless' && reading === 'all') for (;;);
  }
  return { documents: copies.map(({ id }) => ({ id, reading })) }
}
`
it('reads a mail that ends its thread, or takes too long, as far as it can be read', async () => {
  const worker = join(folder, 'worker.mjs')
  await writeFile(worker, WORKER)
  const texts = openTexts({ content: '', worker: pathToFileURL(worker), timeoutMs: 2_000 })
  const copies = ['fine', 'deadly', 'deadly attachment', 'endless'].map((contentHash) => ({
    id: contentHash,
    contentHash,
  }))
  expect(await texts.documents(copies as never)).toEqual([
    { id: 'fine', reading: 'all' },
    { id: 'deadly', reading: 'nothing' },
    { id: 'deadly attachment', reading: 'without attachments' },
    { id: 'endless', reading: 'without attachments' },
  ])
  await texts.close()
})
