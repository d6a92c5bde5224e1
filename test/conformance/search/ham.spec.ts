import { expect, it } from 'vitest'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import type { Query } from '#domain/archive/query/query'
import type { ContentHash } from '#domain/message/content-hash'
import { mailText } from '#infra/content-scan/text/mail-text'
import { documentOf } from '#infra/search/document'
import { openFtsIndex } from '#infra/search/fts/fts-index'
import type { IndexDocument } from '#infra/search/port'
import { soughtBy } from '#infra/search/sought'
import { temporaryFolder } from '#test/dsl/temporary'
import { corpusMails } from '../auth/corpus.ts'
import { suiteIsThere } from '../auth/suites.ts'

const BATCH = 500

it.runIf(suiteIsThere('mail-corpus'))(
  'finds each of 4,500 good mails by its Message-ID, and by a rare phrase of its body',
  async () => {
    const index = openFtsIndex(join(await temporaryFolder(), 'archive.db'))
    const ids = new Map<string, string>()
    const bodies = new Map<string, string>()
    const mailsWith = new Map<string, number>()
    let batch: IndexDocument[] = []
    const write = async (): Promise<void> => {
      await index.write({ documents: batch, removals: [], position: null })
      batch = []
    }
    for (const { name, spam, raw } of corpusMails()) {
      if (spam) continue
      const text = await mailText(raw)
      const hash = createHash('sha256').update(raw).digest('hex') as ContentHash
      const at = 1_000_000_000_000 + ids.size * 1_000
      const copy = { id: name, revision: 0, mail: name, account: 'ann@example.org', role: 'received' } as const
      const document = documentOf({ ...copy, contentHash: hash, archivedAt: at, date: at, size: raw.length }, text)
      ids.set(name, text.messageId ?? '')
      const body = text.body === '' ? text.attached : text.body
      bodies.set(name, body)
      for (const word of new Set(body.match(/(?<!\S)[\p{L}\p{N}]{3,30}(?!\S)/gu)))
        mailsWith.set(word, (mailsWith.get(word) ?? 0) + 1)
      batch.push(document)
      if (batch.length === BATCH) await write()
    }
    await write()
    expect(ids.size).toBe(4_500)

    const found = async (query: Query): Promise<readonly string[]> => {
      const sought = soughtBy(query, () => [])
      const page = await index.search({ sought, order: 'date', cursor: null, limit: 500 })
      return page.documents.map(({ id }) => id)
    }
    const lost: string[] = []
    let unique = 0
    for (const [id, messageId] of ids) {
      if (messageId !== '' && !(await found({ is: 'message-id', messageId })).includes(id))
        lost.push(`${id}: ${messageId}`)
    }
    let worded = 0
    for (const [id, body] of bodies) {
      const phrase = rarePhrase(body, mailsWith)
      if (phrase === '') continue
      worded += 1
      const by = await found({ is: 'text', field: null, form: 'phrase', text: phrase })
      if (!by.includes(id)) lost.push(`${id}: ${phrase}`)
      if (by.length === 1) unique += 1
    }
    expect(lost).toEqual([])
    const named = [...ids.values()].filter((messageId) => messageId !== '').length
    console.log(
      `4500 ham: ${named} found by Message-ID, ${worded} by a phrase of theirs, ${unique} of these by it alone`,
    )
    expect(named).toBeGreaterThan(4_400)
    expect(worded).toBeGreaterThan(4_400)
    expect(unique).toBeGreaterThan(3_000)
    await index.close()
  },
  120_000,
)

/** Up to five words around the one of the text that the fewest mails have. */
const rarePhrase = (text: string, mailsWith: ReadonlyMap<string, number>): string => {
  let best = { words: [] as readonly string[], at: 0, count: Number.POSITIVE_INFINITY }
  for (const line of text.split(/[\r\n]+/)) {
    const words = line.split(/\s+/)
    for (const [at, word] of words.entries()) {
      const count = mailsWith.get(word) ?? Number.POSITIVE_INFINITY
      if (count < best.count) best = { words, at, count }
    }
  }
  return best.words.slice(Math.max(0, best.at - 2), best.at + 3).join(' ')
}
