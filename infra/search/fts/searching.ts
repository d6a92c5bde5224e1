import type { DatabaseSync } from 'node:sqlite'
import { FILE_TYPES } from '#infra/content-scan/text/port'
import type { Position } from '#infra/event-log/port'
import {
  BadCursor,
  type FacetCount,
  type Facets,
  type Found,
  type IndexEntry,
  type SearchRequest,
  type StoredDocument,
} from '../port.ts'
import { SIZE_CLASSES } from '../size-classes.ts'
import { FIELDS, type Field, type Sought } from '../sought.ts'
import { Circles } from './circles.ts'
import { monthName, unpackDocument, unpackFacets } from './packed.ts'
import { planOf, type Plan } from './plan.ts'

/** How much a word counts for in each field when the best match is asked for. */
const WEIGHTS: Readonly<Record<Field, number>> = {
  subject: 2,
  body: 1,
  attached: 0.6,
  from: 2,
  to: 1.25,
  cc: 2,
  bcc: 2,
  filename: 2,
}
const SCORE = `bm25(mail_text, ${FIELDS.map((field) => WEIGHTS[field]).join(', ')}, 0)`

const MOST_PEOPLE = 20
const MOST_MONTHS = 240

/** Answers from one connection, at once. */
export class Searching {
  readonly #database: DatabaseSync
  readonly #circles: Circles

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#circles = new Circles(database)
  }

  search({ sought, order, cursor, limit }: SearchRequest): Found {
    const position = this.checkpoint()
    const plan = planOf(sought)
    const rows = order === 'date' ? this.#newest(plan, cursor, limit + 1) : this.#best(plan, cursor, limit + 1)
    const page = rows.slice(0, limit)
    const last = page.at(-1)
    return {
      documents: this.#stored(page.map(({ row }) => row)),
      next: rows.length > limit && last !== undefined ? cursorOf(last) : null,
      position,
    }
  }

  facets(sought: Sought): Facets {
    const plan = planOf(sought)
    const { sql, values } = statement(plan, 'd.facets', true, '')
    const circles = new Map<number, number>()
    const months = new Map<number, number>()
    const sizes = SIZE_CLASSES.map(() => 0)
    const types = new Map<number, number>()
    let total = 0
    const found = this.#database.prepare(sql)
    found.setReturnArrays(true)
    for (const row of found.iterate(...values)) {
      const { circle, types: kinds, size, month } = unpackFacets((row as unknown as [number])[0])
      total += 1
      circles.set(circle, (circles.get(circle) ?? 0) + 1)
      months.set(month, (months.get(month) ?? 0) + 1)
      types.set(kinds, (types.get(kinds) ?? 0) + 1)
      sizes[size] = (sizes[size] ?? 0) + 1
    }
    return {
      total,
      people: this.#circles.people(circles, MOST_PEOPLE),
      months: [...months]
        .sort(([one], [other]) => other - one)
        .slice(0, MOST_MONTHS)
        .map(([month, count]) => ({ value: monthName(month), count })),
      sizes: counted(SIZE_CLASSES.map(({ name }, at) => ({ value: name, count: sizes[at]! }))),
      types: counted(
        FILE_TYPES.map((value, bit) => ({
          value,
          count: [...types].reduce((sum, [kinds, count]) => ((kinds >> bit) & 1 ? sum + count : sum), 0),
        })),
      ),
    }
  }

  documents(ids: readonly string[]): readonly StoredDocument[] {
    const find = this.#database.prepare('SELECT row FROM documents WHERE id = ?')
    find.setReadBigInts(true)
    return this.#stored(ids.flatMap((id) => (find.get(id) as { row: bigint } | undefined)?.row ?? []))
  }

  list(after: string | null, limit: number): readonly IndexEntry[] {
    return this.#database
      .prepare(
        `SELECT id, revision, hash AS contentHash FROM documents WHERE id > $after
         UNION ALL SELECT id, revision, NULL FROM removed WHERE id > $after ORDER BY id LIMIT $limit`,
      )
      .all({ after: after ?? '', limit }) as unknown as IndexEntry[]
  }

  checkpoint(): Position | null {
    const state = this.#database.prepare(`SELECT value FROM state WHERE name = 'position'`).get()
    return (state?.['value'] ?? null) as Position | null
  }

  #newest(plan: Plan, cursor: string | null, limit: number): Row[] {
    const before = cursor === null ? null : rowIn(cursor)
    const to = before === null || (plan.to !== null && plan.to < before) ? plan.to : before
    const { sql, values } = statement({ ...plan, to }, '', plan.where !== '', `ORDER BY row DESC LIMIT ${limit}`)
    const found = this.#database.prepare(sql)
    found.setReadBigInts(true)
    return (found.all(...values) as { row: bigint }[]).map(({ row }) => ({ row, score: null }))
  }

  #best(plan: Plan, cursor: string | null, limit: number): Row[] {
    // nothing to rank by: the newest is as good as any
    if (plan.match === null) return this.#newest(plan, cursor, limit)
    const { sql, values } = statement(plan, SCORE, plan.where !== '', '')
    const after = cursor === null ? null : scoreIn(cursor)
    const behind = after === null ? '' : 'WHERE score > ? OR (score = ? AND row < ?)'
    const found = this.#database.prepare(
      `SELECT CAST(row AS TEXT) AS row, score FROM (${sql}) ${behind} ORDER BY score, row DESC LIMIT ${limit}`,
    )
    const bounds = after === null ? [] : [after.score, after.score, after.row]
    return (found.all(...values, ...bounds) as { row: string; score: number }[]).map(({ row, score }) => ({
      row: BigInt(row),
      score,
    }))
  }

  #stored(rows: readonly bigint[]): StoredDocument[] {
    const read = this.#database.prepare('SELECT document FROM stored WHERE row = ?')
    return rows.flatMap((row) => {
      const stored = read.get(row)
      return stored === undefined ? [] : [unpackDocument(stored['document'] as Uint8Array)]
    })
  }
}

const counted = (facets: readonly FacetCount[]): FacetCount[] =>
  facets.filter(({ count }) => count > 0).sort((one, other) => other.count - one.count)

interface Row {
  readonly row: bigint
  /** bm25: the smaller, the better; null: by date. */
  readonly score: number | null
}

/** `wanted`: a column beside the row, or ''. `documents`: a row of that table is needed. */
const statement = (
  { match, from, to, where, values }: Plan,
  wanted: string,
  documents: boolean,
  order: string,
): { sql: string; values: (string | number | bigint)[] } => {
  const row = match === null ? 'd.row' : 'mail_text.rowid'
  const given: (string | number | bigint)[] = []
  const all: string[] = []
  if (match !== null) {
    all.push('mail_text MATCH ?')
    given.push(match)
  }
  if (from !== null) {
    all.push(`${row} >= ?`)
    given.push(from)
  }
  if (to !== null) {
    all.push(`${row} < ?`)
    given.push(to)
  }
  if (where !== '') all.push(where)
  const source =
    match === null ? 'documents d' : `mail_text${documents ? ' CROSS JOIN documents d ON d.row = mail_text.rowid' : ''}`
  const columns = wanted === 'd.facets' ? wanted : `${row} AS row${wanted === '' ? '' : `, ${wanted} AS score`}`
  return {
    sql: `SELECT ${columns} FROM ${source} ${all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`} ${order.replace('row', row)}`,
    values: [...given, ...values],
  }
}

const cursorOf = ({ row, score }: Row): string => (score === null ? `d${row}` : `r${row}_${score}`)

const rowIn = (cursor: string): bigint => {
  const found = /^d(\d{1,19})$/.exec(cursor)
  if (found === null) throw new BadCursor()
  return BigInt(found[1]!)
}

const scoreIn = (cursor: string): { row: bigint; score: number } => {
  const found = /^r(\d{1,19})_(-?\d{1,20}(?:\.\d{1,30})?(?:e-?\d{1,3})?)$/.exec(cursor)
  if (found === null) throw new BadCursor()
  return { row: BigInt(found[1]!), score: Number(found[2]) }
}
