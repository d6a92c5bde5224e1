import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseQuery } from '#domain/archive/query/parse'
import { isQueryProblem, type Query } from '#domain/archive/query/query'
import type { ContentHash } from '#domain/message/content-hash'
import type { Position } from '#infra/event-log/port'
import { BadCursor, type IndexDocument, type SearchIndex, type SearchRequest } from '#infra/search/port'
import { soughtBy, type Sought } from '#infra/search/sought'
import { archived, enron } from './archived.ts'
import { isFound } from './model.ts'

export interface IndexUnderTest {
  readonly index: SearchIndex
  /** After it what was written is found. */
  settle(): Promise<void>
  cleanUp(): Promise<void>
}

const position = (number: number): Position => String(number).padStart(20, '0') as Position
const soughtIn = (text: string): Sought => {
  const query = parseQuery(text)
  if (isQueryProblem(query)) throw new Error(`${text}: ${query.sentence}`)
  return soughtBy(query, () => [])
}

/** Mails with all that can be asked for. */
const mails = async (): Promise<readonly IndexDocument[]> => [
  await archived(
    'a1',
    'Message-ID: <a1@example.net>\nDate: Thu, 01 Mar 2001 00:00:00 +0000\nFrom: Carl <carl@example.net>\nTo: ann@example.org\nSubject: Budget plan\n\nThe annual budget, running to 1,234 pages.',
  ),
  await archived(
    'a2',
    `Message-ID: <A2@example.net>\nDate: Sat, 31 Mar 2001 23:59:59 +0000\nFrom: ann@example.org\nTo: ben@example.org\nCc: dora@example.org\nBcc: eve@example.org\nSubject: Re: Budget plan\nReferences: <a1@example.net>\n\nWe run it by the end of March. ${'long '.repeat(400)}`,
    { role: 'sent' },
  ),
  await archived(
    'b1',
    'Date: Sun, 01 Apr 2001 00:00:00 +0000\nFrom: =?utf-8?q?Zo=C3=AB?= <zoe@mail.example.net>\nTo: ben@example.org\nSubject: 東京都の予算\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n会議は2026年3月です\n--b\nContent-Type: text/plain; name="invoice-2001_04.txt"\nContent-Disposition: attachment\n\nthe attached words\n--b\nContent-Type: application/x-rar; name=closed.rar\nContent-Disposition: attachment\n\nRar!\x1a\x07\0\n--b--',
    { account: 'ben@example.org' },
  ),
]

const QUERIES = [
  '',
  'budget',
  'BUDGETS',
  'run',
  'running',
  '"running"',
  '"annual budget"',
  '"budget annual"',
  'budget plan',
  'budget OR 会議',
  'budget -annual',
  '-budget',
  'NOT (budget OR 会議)',
  '(annual OR march) -plan',
  'budget -(annual OR march) OR zoe',
  'bud*',
  'subject:bud*',
  'subject:run',
  'body:budget',
  'body:"attached words"',
  'from:carl',
  'from:carl@example.net',
  'from:example.net',
  'to:ben@example.org',
  'cc:dora',
  'bcc:eve',
  'eve',
  'filename:invoice',
  'filename:invoice-2001*',
  'has:attachment',
  '-has:attachment',
  'in:sent',
  'in:received budget',
  'account:ben@example.org',
  'account:Ann@example.org OR account:ben@example.org',
  'before:2001-03',
  'before:2001-04',
  'after:2001-04',
  'on:2001-03',
  'on:2001-03-31',
  'after:2001-03-31T23:59:59Z',
  'before:2001-03-31T23:59:59Z',
  'larger:1k',
  'smaller:1k',
  'larger:1k smaller:2100',
  'larger:1000 budget',
  'NOT larger:1k',
  'larger:1k OR in:received',
  'on:2001-04 OR (budget larger:1k)',
  'NOT on:2001-03 -has:attachment',
  'NOT (on:2001-03 budget)',
  'message-id:a1@example.net',
  'message-id:<a2@EXAMPLE.net>',
  'unreadable:true',
  'unreadable:false',
  '東京',
  '京都',
  '都',
  '2026年',
  '1234',
  '1,234',
  'zoe',
  'Zoë*',
  'nothing-like-it',
  `${'('.repeat(20)}budget${')'.repeat(20)}`,
  Array.from({ length: 100 }, (_, at) => `word${at}`).join(' OR '),
  Array.from({ length: 100 }, () => 'budget').join(' '),
] as const

/** What every search index keeps (infra/search/port.ts). */
export const searchContract = (name: string, open: () => Promise<IndexUnderTest>): void => {
  describe(`${name} as the archive's index`, () => {
    let under: IndexUnderTest
    let documents: readonly IndexDocument[]

    const found = async (sought: Sought, changes: Partial<SearchRequest> = {}): Promise<string[]> => {
      const answer = await under.index.search({ sought, order: 'date', cursor: null, limit: 500, ...changes })
      expect(answer.next).toBeNull()
      return answer.documents.map(({ id }) => id)
    }
    const write = async (batch: Partial<Parameters<SearchIndex['write']>[0]>): Promise<void> => {
      await under.index.write({ documents: [], removals: [], position: null, ...batch })
      await under.settle()
    }

    describe('with mail in it', () => {
      let questions: readonly { readonly question: string; readonly answeredBy: string }[] = []
      beforeAll(async () => {
        under = await open()
        const others = await enron()
        documents = [...(await mails()), ...(others?.documents ?? [])]
        questions = others?.questions ?? []
        await write({ documents, position: position(7) })
      })
      afterAll(() => under.cleanUp())

      it.each(QUERIES)('finds what it should: %s', async (text) => {
        const sought = soughtIn(text)
        const expected = documents.filter((document) => isFound(sought, document)).map(({ id }) => id)
        expect((await found(sought)).sort()).toEqual(expected.sort())
        expect((await found(sought, { order: 'relevance' })).sort()).toEqual(expected.sort())
      })

      it('finds what is meant by the handwritten mails', async () => {
        const mine = async (text: string): Promise<string[]> =>
          (await found(soughtIn(text))).filter((id) => /^[ab]\d$/.test(id))
        expect(await mine('running')).toEqual(['a2', 'a1'])
        expect(await mine('"end of march"')).toEqual(['a2'])
        expect(await mine('bcc:eve')).toEqual(['a2'])
        expect(await mine('on:2001-03')).toEqual(['a2', 'a1'])
        expect(await mine('unreadable:true')).toEqual(['b1'])
        expect(await mine('会議')).toEqual(['b1'])
        expect(await mine('filename:invoice-2001*')).toEqual(['b1'])
      })

      it('finds what any question asks for, page by page, the newest first', async () => {
        const word = fc.constantFrom(
          'budget',
          'gas',
          'energy',
          'the',
          'phillip',
          'meeting',
          'california',
          'ann',
          'power',
          'the*',
          'me*',
        )
        const condition = fc.oneof(
          { weight: 3, arbitrary: word },
          fc.constantFrom(
            '"of the"',
            'subject:re',
            'from:enron',
            'has:attachment',
            'in:sent',
            'account:ben@example.org',
          ),
          fc.constantFrom('after:2001', 'before:2001-02', 'on:2000-08', 'larger:2k', 'smaller:1500'),
        )
        const { query } = fc.letrec<{ query: string }>((tie) => ({
          query: fc.oneof(
            { maxDepth: 3, depthSize: 'small' },
            condition,
            fc.tuple(tie('query'), tie('query')).map(([one, other]) => `(${one} ${other})`),
            fc.tuple(tie('query'), tie('query')).map(([one, other]) => `(${one} OR ${other})`),
            tie('query').map((one) => `NOT ${one}`),
          ),
        }))
        await fc.assert(
          fc.asyncProperty(query, fc.integer({ min: 5, max: 30 }), async (text, limit) => {
            const sought = soughtIn(text)
            const all: { id: string; date: number }[] = []
            for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
              const page = await under.index.search({ sought, order: 'date', cursor, limit })
              all.push(...page.documents)
              cursor = page.next
            }
            const expected = documents.filter((document) => isFound(sought, document)).map(({ id }) => id)
            expect(all.map(({ id }) => id).sort()).toEqual(expected.sort())
            expect(all.map(({ date }) => date)).toEqual(all.map(({ date }) => date).sort((one, other) => other - one))
          }),
          { seed: 20_260_601, numRuns: 150 },
        )
      })

      it('pages by relevance without a gap or a repeat', async () => {
        const sought = soughtIn('the OR energy OR power')
        const all: string[] = []
        for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
          const page = await under.index.search({ sought, order: 'relevance', cursor, limit: 7 })
          all.push(...page.documents.map(({ id }) => id))
          cursor = page.next
        }
        expect(all).toEqual(await found(sought, { order: 'relevance' }))
      })

      it('answers questions with the right mail among the first three', async () => {
        const wordsOf = (question: string): Sought => {
          const words = question.match(/[\p{L}\p{N}@.'’-]*[\p{L}\p{N}]/gu) ?? []
          const parts = words.map((word): Query => ({ is: 'text', field: null, form: 'word', text: word }))
          return soughtBy({ is: 'or', of: parts }, () => [])
        }
        const missed: string[] = []
        for (const { question, answeredBy } of questions) {
          const best = await under.index.search({
            sought: wordsOf(question),
            order: 'relevance',
            cursor: null,
            limit: 3,
          })
          if (!best.documents.some(({ id }) => id === answeredBy)) missed.push(question)
        }
        const rate = 1 - missed.length / Math.max(1, questions.length)
        if (questions.length > 0)
          console.log(
            `${name}: ${questions.length - missed.length} of ${questions.length} questions, ${(rate * 100).toFixed(1)} %`,
          )
        expect(missed.length <= questions.length * 0.1 ? [] : missed).toEqual([])
      })

      it('counts people, months, sizes and kinds of files of all that is found', async () => {
        for (const text of ['', 'budget', 'energy OR has:attachment', 'nothing-like-it']) {
          const sought = soughtIn(text)
          const these = documents.filter((document) => isFound(sought, document))
          const facets = await under.index.facets(sought)
          const counts = (values: (document: IndexDocument) => readonly string[]): Record<string, number> => {
            const all = these.flatMap(values)
            return Object.fromEntries(
              [...new Set(all)].map((value) => [value, all.filter((one) => one === value).length]),
            )
          }
          const shown = (list: readonly { value: string; count: number }[]) =>
            Object.fromEntries(list.map(({ value, count }) => [value, count]))
          expect(facets.total).toBe(these.length)
          expect(shown(facets.months)).toEqual(counts(({ date }) => [new Date(date).toISOString().slice(0, 7)]))
          expect(shown(facets.types)).toEqual(counts(({ types }) => types))
          expect(Object.values(shown(facets.sizes)).reduce((sum, count) => sum + count, 0)).toBe(these.length)
          expect(counts(({ people }) => people)).toMatchObject(shown(facets.people))
          expect(facets.people.length).toBe(Math.min(20, new Set(these.flatMap(({ people }) => people)).size))
          const many = facets.people.map(({ count }) => count)
          expect(many).toEqual(many.toSorted((one, other) => other - one))
          expect(facets.months.map(({ value }) => value)).toEqual(
            facets.months
              .map(({ value }) => value)
              .toSorted()
              .toReversed(),
          )
        }
      })

      it('gives back what it was given', async () => {
        const { fields: _fields, facts: _facts, people: _people, ...stored } = documents[1]!
        expect(await under.index.documents(['a2', 'unheard-of'])).toEqual([stored])
        expect(
          (
            await under.index.search({
              sought: soughtIn('message-id:a2@example.net'),
              order: 'date',
              cursor: null,
              limit: 1,
            })
          ).documents,
        ).toEqual([stored])
      })

      it('says how far it has read', async () => {
        expect(await under.index.checkpoint()).toBe(position(7))
        expect(
          (await under.index.search({ sought: soughtIn('budget'), order: 'date', cursor: null, limit: 1 })).position,
        ).toBe(position(7))
      })

      it('refuses what is no cursor of its own', async () => {
        for (const cursor of ['x', 'd', 'd12x', '{}', '[]', '', '[1,2]'])
          for (const order of ['date', 'relevance'] as const)
            await expect(under.index.search({ sought: soughtIn('budget'), order, cursor, limit: 1 })).rejects.toThrow(
              BadCursor,
            )
      })
    })

    describe('while mail arrives', () => {
      beforeAll(async () => {
        under = await open()
        documents = await Promise.all(
          Array.from({ length: 30 }, (_, at) =>
            archived(`m${String(at).padStart(2, '0')}`, `Subject: one of many\n\nnumber ${at}`, {
              date: 1_000 * (at >> 1),
            }),
          ),
        )
        await write({ documents: documents.slice(0, 20), position: position(20) })
      })
      afterAll(() => under.cleanUp())

      it('a list that is paged through neither repeats nor leaves out what was there', async () => {
        const sought = soughtIn('many')
        const first = await under.index.search({ sought, order: 'date', cursor: null, limit: 5 })
        await write({ documents: documents.slice(20), position: position(30) })
        const seen = first.documents.map(({ id }) => id)
        for (let cursor = first.next; cursor !== null;) {
          const page = await under.index.search({ sought, order: 'date', cursor, limit: 5 })
          seen.push(...page.documents.map(({ id }) => id))
          cursor = page.next
        }
        expect(seen.toSorted()).toEqual(documents.slice(0, 20).map(({ id }) => id))
        expect((await found(sought)).length).toBe(30)
      })

      it('a batch that comes again changes nothing, a later revision does, an earlier one does not', async () => {
        const [first] = documents
        await write({ documents: documents.slice(0, 5), position: position(31) })
        expect((await found(soughtIn('many'))).length).toBe(30)
        const changed = await archived('m00', 'Subject: changed\n\nnumber 0', { revision: 5, date: 99_000 })
        await write({ documents: [changed] })
        expect(await found(soughtIn('changed'))).toEqual(['m00'])
        expect(await found(soughtIn('many'))).not.toContain('m00')
        await write({
          documents: [
            { ...first!, revision: 4 },
            { ...first!, revision: 5 },
          ],
        })
        expect(await found(soughtIn('changed'))).toEqual(['m00'])
        expect(await under.index.checkpoint()).toBe(position(31))
      })

      it('what was removed stays away, however late its mail comes again', async () => {
        const [, , second] = documents
        await write({
          removals: [
            { id: 'm02', revision: 3 },
            { id: 'never', revision: 1 },
          ],
        })
        expect(await found(soughtIn('many'))).not.toContain('m02')
        await write({ documents: [second!, { ...second!, revision: 3 }, await archived('never', 'Subject: many\n\n')] })
        expect((await found(soughtIn('many'))).filter((id) => id === 'm02' || id === 'never')).toEqual([])
        expect(await under.index.documents(['m02', 'never'])).toEqual([])
        expect((await under.index.facets(soughtIn('many'))).total).toBe(28)
      })

      it('lists what is there and what was removed, in order', async () => {
        const all = []
        for (let after: string | null = null, more = true; more;) {
          const page = await under.index.list(after, 7)
          all.push(...page)
          after = page.at(-1)?.id ?? null
          more = page.length === 7
        }
        expect(all.map(({ id }) => id)).toEqual([...documents.map(({ id }) => id), 'never'])
        expect(all.filter(({ contentHash }) => contentHash === null)).toEqual([
          { id: 'm02', revision: 3, contentHash: null },
          { id: 'never', revision: 1, contentHash: null },
        ])
        expect(all[0]).toEqual({
          id: 'm00',
          revision: 5,
          contentHash: expect.stringMatching(/^[0-9a-f]{64}$/) as ContentHash,
        })
      })
    })

    it('is empty before anything is written', async () => {
      const fresh = await open()
      const { index } = fresh
      expect(await index.search({ sought: soughtIn('x1'), order: 'date', cursor: null, limit: 5 })).toEqual({
        documents: [],
        next: null,
        position: null,
      })
      expect(await index.facets(soughtIn(''))).toEqual({ total: 0, people: [], months: [], sizes: [], types: [] })
      expect(await index.checkpoint()).toBeNull()
      expect(await index.list(null, 5)).toEqual([])
      await fresh.cleanUp()
    })
  })
}
