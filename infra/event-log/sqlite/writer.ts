import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ExpectedRevision } from '../port.ts'
import { categoryOf } from '../port.ts'
import { Inserts } from './inserts.ts'
import type { Outcomes } from './outcomes.ts'
import type { Field } from './protocol.ts'
import { FIELDS_PER_EVENT } from './protocol.ts'
import { Recent } from './recent.ts'

/** Last revisions kept in memory; a stream that isn't among them costs one seek. */
const CACHED_STREAMS = 4_096

/**
 * Appends inside a transaction that its caller begins and commits. Those whose stream is, as far as memory knows, where they expect it
 * are written together; when the table knows better they are taken back and done one by one. Every other check comes before the
 * append's first write: a refused append leaves no trace and needs no savepoint. After a rollback `forget` must be called.
 */
export class Writer {
  readonly #database: DatabaseSync
  readonly #inserts: Inserts
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
    this.#inserts = new Inserts(database)
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
    this.#inserts.clear()
    this.#revisions.clear()
    this.#kinds = new Map()
    this.#kindCount = 0
    for (const { id, category, type } of this.#database.prepare('SELECT id, category, type FROM kinds').iterate()) {
      this.#remember(String(category), String(type), Number(id))
    }
    const last = this.#database.prepare('SELECT max(position) AS head FROM events').get()
    this.#head = Number(last?.['head'] ?? 0)
  }

  /** Outcomes go to `slot` and those after it; they hold when the transaction is committed. */
  append(fields: readonly Field[], outcomes: Outcomes, slot: number): void {
    let begin = 0
    let first = slot
    for (let at = 0; at < fields.length; slot++) {
      const stream = fields[at] as string
      const expected = fields[at + 1] as ExpectedRevision
      const count = fields[at + 2] as number
      const next = at + 3 + count * FIELDS_PER_EVENT
      const base = expected === 'noStream' ? -1 : expected
      // That a new stream is new needs no look: its first row would break the unique index.
      if (base === -1 || (base !== 'streamExists' && this.#revisions.get(stream) === base)) {
        this.#add(stream, base, count, fields, at + 3)
        outcomes.settle(slot, this.#head, base + count)
      } else {
        this.#write(fields, begin, at, outcomes, first)
        this.#appendOne(fields, at, outcomes, slot)
        begin = next
        first = slot + 1
      }
      at = next
    }
    this.#write(fields, begin, fields.length, outcomes, first)
  }

  /** Writes what was added: the appends from `begin` to `end`. */
  #write(fields: readonly Field[], begin: number, end: number, outcomes: Outcomes, slot: number): void {
    if (begin === end || this.#flush()) return
    for (let at = begin; at < end; at = after(fields, at)) this.#revisions.delete(fields[at] as string)
    for (let at = begin; at < end; at = after(fields, at)) this.#appendOne(fields, at, outcomes, slot++)
  }

  #appendOne(fields: readonly Field[], at: number, outcomes: Outcomes, slot: number): void {
    const [stream, expected] = [fields[at] as string, fields[at + 1] as ExpectedRevision]
    const outcome = this.#outcome(stream, expected, fields[at + 2] as number, fields, at + 3)
    if (outcome.position === undefined) outcomes.refuse(slot, outcome.actual)
    else outcomes.settle(slot, outcome.position, outcome.revision)
  }

  #outcome(
    stream: string,
    expected: ExpectedRevision,
    count: number,
    fields: readonly Field[],
    first: number,
  ): Outcome {
    if (expected === 'streamExists') return this.#appendLoosely(stream, count, fields, first)
    const base = expected === 'noStream' ? -1 : expected
    const known = base === -1 ? this.#revisions.get(stream) : this.#lastRevision(stream)
    if ((known ?? -1) === base && this.#insertAll(stream, base, count, fields, first)) return this.#now(base + count)
    return this.#repeated(stream, base, count, fields, first) ?? { actual: this.#lastRevision(stream) }
  }

  #appendLoosely(stream: string, count: number, fields: readonly Field[], first: number): Outcome {
    const last = this.#lastRevision(stream)
    if (last === undefined) return { actual: undefined }
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
    this.#add(stream, base, count, fields, first)
    if (this.#flush()) return true
    this.#revisions.delete(stream)
    return false
  }

  /** As if it were written: `#flush` must follow. */
  #add(stream: string, base: number, count: number, fields: readonly Field[], first: number): void {
    const category = categoryOf(stream)
    const kinds = this.#kinds.get(category)
    let at = first
    for (let index = 1; index <= count; index++, at += FIELDS_PER_EVENT) {
      const type = fields[at] as string
      const kind = kinds?.get(type) ?? this.#kind(category, type)
      this.#inserts.add(++this.#head, stream, base + index, kind, fields, at)
    }
    this.#revisions.set(stream, base + count)
  }

  #flush(): boolean {
    const before = this.#head - this.#inserts.waiting
    if (this.#inserts.flush()) return true
    this.#head = before
    return false
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

  #kind(category: string, type: string): number {
    const known = this.#kinds.get(category)?.get(type)
    if (known !== undefined) return known
    const kind = this.#kindCount + 1
    this.#insertKind.run(kind, category, type)
    this.#remember(category, type, kind)
    return kind
  }

  #remember(category: string, type: string, id: number): void {
    const types = this.#kinds.get(category)
    if (types === undefined) this.#kinds.set(category, new Map([[type, id]]))
    else types.set(type, id)
    this.#kindCount = Math.max(this.#kindCount, id)
  }
}

/** Where the next append begins. */
const after = (fields: readonly Field[], at: number): number => at + 3 + (fields[at + 2] as number) * FIELDS_PER_EVENT

type Outcome =
  | { readonly position: number; readonly revision: number }
  | { readonly position?: never; readonly actual: number | undefined }
