import { statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseQuery } from '#domain/archive/query/parse'
import { isQueryProblem } from '#domain/archive/query/query'
import type { Position } from '#infra/event-log/port'
import { openFtsIndex } from '#infra/search/fts/fts-index'
import { openFtsReader } from '#infra/search/fts/fts-reader'
import type { IndexDocument } from '#infra/search/port'
import { soughtBy, type Sought } from '#infra/search/sought'
import { corpusMails } from '#test/conformance/auth/corpus'
import { archived } from '#test/contract/search/archived'
import { say } from './measure.ts'

const BATCH = 1_000
const ACCOUNTS = 200
const FIRST = Date.UTC(2020, 0, 1)
const STEP = 10 * 60_000
const TARGETS = { page: 50, facets: 200 }
const ASKED = 400

/** First pages by date and facets of the embedded index over so many mails: the corpus again and again, each time to other accounts and at another time. */
export const benchSearching = async ({ mails }: { readonly mails: number }): Promise<string[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'mailkeep-bench-'))
  const path = join(folder, 'archive.db')
  try {
    const originals: IndexDocument[] = []
    for (const { name, raw } of corpusMails()) originals.push(await archived(name, raw))
    const index = openFtsIndex(path)
    for (let from = 0; from < mails; from += BATCH) {
      say(`archive: ${from} mails indexed`)
      const documents = Array.from({ length: Math.min(BATCH, mails - from) }, (_, at) => again(originals, from + at))
      await index.write({ documents, removals: [], position: String(from).padStart(20, '0') as Position })
    }
    await index.close()
    const reader = openFtsReader(path)
    const questions = Array.from({ length: ASKED }, (_, at) => question(originals, at))
    for (const sought of questions.slice(0, 40)) {
      await reader.search({ sought, order: 'date', cursor: null, limit: 50 })
      await reader.facets(sought)
    }
    const pages = await times(questions, (sought) => reader.search({ sought, order: 'date', cursor: null, limit: 50 }))
    const facets = await times(questions, (sought) => reader.facets(sought))
    await reader.close()
    const size = statSync(path).size
    return [
      lineOf('first page', pages, TARGETS.page, mails),
      lineOf('facets', facets, TARGETS.facets, mails),
      `archive, search: the index has ${Math.round(size / 2 ** 20)} MiB, ${Math.round(((size / mails) * 100_000) / 2 ** 20)} MiB per 100,000 mails`,
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const again = (originals: readonly IndexDocument[], number: number): IndexDocument => {
  const original = originals[number % originals.length]!
  const account = `user${(number * 7) % ACCOUNTS}@example.org`
  const date = FIRST + number * STEP
  return {
    ...original,
    id: `m${number}`,
    mail: `m${number}`,
    account,
    date,
    archivedAt: date,
    facts: original.facts.map((fact) => (fact.startsWith('account=') ? `account=${account}` : fact)),
  }
}

/** Words as they stand in mails, common and rare, alone and together, and with what people narrow them down by. */
const question = (originals: readonly IndexDocument[], at: number): Sought => {
  const words = originals[(at * 37) % originals.length]!.fields.body.split(' ').filter((word) =>
    /^[a-z]{3,20}$/.test(word),
  )
  const word = words[(at * 13) % Math.max(1, words.length)] ?? 'the'
  const other = words[(at * 17 + 5) % Math.max(1, words.length)] ?? 'of'
  const forms = [
    word,
    `${word} ${other}`,
    `${word} -${other}`,
    `subject:${word}`,
    `${word} account:user${at % ACCOUNTS}@example.org`,
    `${word} on:202${at % 4}-0${(at % 9) + 1}`,
    `account:user${at % ACCOUNTS}@example.org has:attachment`,
    `${word} in:received after:2021 before:2022-06`,
    `${word} larger:10k`,
    `from:${word} OR to:${other} OR ${word}`,
  ]
  const query = parseQuery(forms[at % forms.length]!)
  if (isQueryProblem(query)) throw new Error(query.sentence)
  return soughtBy(query, () => [])
}

const times = async (questions: readonly Sought[], ask: (sought: Sought) => Promise<unknown>): Promise<number[]> => {
  const all: number[] = []
  for (const sought of questions) {
    const began = performance.now()
    await ask(sought)
    all.push(performance.now() - began)
  }
  return all.toSorted((one, other) => one - other)
}

const lineOf = (what: string, sorted: readonly number[], target: number, mails: number): string => {
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return `archive, search: ${what} of ${mails} mails, median ${at(0.5).toFixed(1)} ms, p95 ${at(0.95).toFixed(1)} ms, worst ${at(1).toFixed(1)} ms, target p95 ${target} ${at(0.95) <= target ? 'ok' : 'ABOVE'}`
}
