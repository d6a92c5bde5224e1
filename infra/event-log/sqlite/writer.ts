import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ExpectedRevision } from '../port.ts'
import { categoryOf } from '../port.ts'
import { isConstraint } from './failure.ts'
import type { Field, FromWriter, Refused } from './protocol.ts'
import { FIELDS_PER_EVENT } from './protocol.ts'
import { Recent } from './recent.ts'

/** Last revisions kept in memory; a stream that isn't among them costs one seek. */
const CACHED_STREAMS = 4_096

/**
 * Appends inside a transaction that its caller begins and commits. Every check comes before the append's first write, so that a refused
 * append leaves no trace and needs no savepoint. After a rollback `forget` must be called.
 */
export class Writer {
  readonly #database: DatabaseSync
  readonly #insert: StatementSync
  readonly #insertLoose: StatementSync
  readonly #insertKind: StatementSync
  readonly #selectLoose: StatementSync
  readonly #selectLast: StatementSync
  readonly #selectIds: StatementSync
  readonly #revisions = new Recent<number>(CACHED_STREAMS)
  #kinds = new Map<string, Map<string, number>>()
  #kindCount = 0
  #head = 0

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#insert = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
    this.#insertLoose = database.prepare('INSERT INTO loose_appends VALUES (?, ?, ?)')
    this.#insertKind = database.prepare('INSERT INTO kinds VALUES (?, ?, ?)')
    this.#selectLoose = database.prepare('SELECT revision FROM loose_appends WHERE stream = ? AND event_id = ?')
    this.#selectLast = database.prepare('SELECT max(revision) AS last FROM events WHERE stream = ?')
    this.#selectIds = database.prepare(
      'SELECT id, position FROM events WHERE stream = ? AND revision > ? AND revision <= ? ORDER BY revision',
    )
    this.forget()
  }

  /** Position of the last event, 0 when there is none. */
  get head(): number {
    return this.#head
  }

  /** What memory says may not be true any more: look again. */
  forget(): void {
    this.#revisions.clear()
    this.#kinds = new Map()
    this.#kindCount = 0
    for (const { id, category, type } of this.#database.prepare('SELECT id, category, type FROM kinds').iterate()) {
      this.#remember(String(category), String(type), Number(id))
    }
    const last = this.#database.prepare('SELECT max(position) AS head FROM events').get()
    this.#head = Number(last?.['head'] ?? 0)
  }

  append(fields: readonly Field[]): Extract<FromWriter, { kind: 'appended' }> {
    const outcomes: number[] = []
    const refused: Refused[] = []
    for (let at = 0; at < fields.length;) {
      const stream = fields[at] as string
      const expected = fields[at + 1] as ExpectedRevision
      const count = fields[at + 2] as number
      const first = at + 3
      at = first + count * FIELDS_PER_EVENT
      const outcome = this.#appendOne(stream, expected, count, fields, first)
      if (outcome.position !== undefined) outcomes.push(outcome.position, outcome.revision)
      else {
        refused.push({ index: outcomes.length / 2, stream, expected, actual: outcome.actual })
        outcomes.push(Number.NaN, Number.NaN)
      }
    }
    return { kind: 'appended', outcomes, refused }
  }

  #appendOne(
    stream: string,
    expected: ExpectedRevision,
    count: number,
    fields: readonly Field[],
    first: number,
  ): Outcome {
    if (expected === 'streamExists') return this.#appendLoosely(stream, count, fields, first)
    const base = expected === 'noStream' ? -1 : expected
    // That a new stream is new needs no look: its first insert would break the unique index.
    const known = base === -1 ? this.#revisions.get(stream) : this.#lastRevision(stream)
    if ((known ?? -1) === base && this.#insertAll(stream, base, count, fields, first)) return this.#now(base + count)
    return this.#repeated(stream, base, count, fields, first) ?? { actual: this.#lastRevision(stream) ?? null }
  }

  #appendLoosely(stream: string, count: number, fields: readonly Field[], first: number): Outcome {
    const last = this.#lastRevision(stream)
    if (last === undefined) return { actual: null }
    const firstId = fields[first + 3] as string
    const before = this.#selectLoose.get(stream, firstId)
    if (before !== undefined) {
      return this.#repeated(stream, Number(before['revision']) - 1, count, fields, first) ?? { actual: last }
    }
    if (!this.#insertAll(stream, last, count, fields, first))
      throw new Error(`stream ${stream} has events after its last revision ${last}`)
    this.#insertLoose.run(stream, firstId, last + 1)
    return this.#now(last + count)
  }

  /** False when the stream already has an event there; then nothing was written. */
  #insertAll(stream: string, base: number, count: number, fields: readonly Field[], first: number): boolean {
    let kinds = this.#kinds.get(categoryOf(stream))
    let at = first
    for (let index = 1; index <= count; index++, at += FIELDS_PER_EVENT) {
      const type = fields[at] as string
      let kind = kinds?.get(type)
      if (kind === undefined) {
        kind = this.#kindCount + 1
        this.#insertKind.run(kind, categoryOf(stream), type)
        this.#remember(categoryOf(stream), type, kind)
        kinds = this.#kinds.get(categoryOf(stream))
      }
      try {
        this.#insert.run(
          this.#head + 1,
          stream,
          base + index,
          kind,
          fields[at + 1] as number,
          fields[at + 2] as number,
          fields[at + 3] as string,
          fields[at + 4] as string,
          fields[at + 5] as string,
        )
      } catch (error) {
        if (index === 1 && isConstraint(error)) return false
        throw error
      }
      this.#head++
    }
    this.#revisions.set(stream, base + count)
    return true
  }

  /** The first outcome, when these very events lie right after `base`. */
  #repeated(stream: string, base: number, count: number, fields: readonly Field[], first: number): Outcome | undefined {
    const stored = this.#selectIds.all(stream, base, base + count)
    if (stored.length !== count) return undefined
    for (const [index, { id }] of stored.entries()) {
      if (id !== fields[first + index * FIELDS_PER_EVENT + 3]) return undefined
    }
    return { position: Number(stored.at(-1)?.['position']), revision: base + count }
  }

  #now(revision: number): Outcome {
    return { position: this.#head, revision }
  }

  #lastRevision(stream: string): number | undefined {
    const known = this.#revisions.get(stream)
    if (known !== undefined) return known
    const last = this.#selectLast.get(stream)?.['last']
    if (typeof last !== 'number') return undefined
    this.#revisions.set(stream, last)
    return last
  }

  #remember(category: string, type: string, id: number): void {
    const types = this.#kinds.get(category)
    if (types === undefined) this.#kinds.set(category, new Map([[type, id]]))
    else types.set(type, id)
    this.#kindCount = Math.max(this.#kindCount, id)
  }
}

type Outcome =
  | { readonly position: number; readonly revision: number }
  | { readonly position?: never; readonly actual: number | null }
