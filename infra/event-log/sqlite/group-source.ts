import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { EventFilter, ParkedEvent, ReadAllPage, RecordedEvent } from '../port.ts'
import { toPosition } from './position.ts'
import type { GroupChange } from './protocol.ts'
import type { Reading } from './reading.ts'
import type { Wake } from './wake.ts'
import type { WriterLink } from './writer-link.ts'

export interface StoredGroup {
  readonly cursor: number
  readonly owed: readonly { readonly event: RecordedEvent; readonly retryCount: number }[]
}

/** The reading half of the groups' state, and the way to the writing half. */
export class GroupSource {
  readonly #reading: Reading
  readonly #wake: Wake
  readonly #link: WriterLink
  readonly #group: StatementSync
  readonly #replayed: StatementSync
  readonly #parked: StatementSync
  readonly #parkedCount: StatementSync

  constructor(database: DatabaseSync, reading: Reading, wake: Wake, link: WriterLink) {
    this.#reading = reading
    this.#wake = wake
    this.#link = link
    this.#group = database.prepare('SELECT cursor, owed FROM groups WHERE name = ?')
    this.#replayed = database.prepare(
      'SELECT position FROM parked WHERE name = ? AND replay = 1 AND position > ? ORDER BY position LIMIT ?',
    )
    this.#parked = database.prepare(
      'SELECT position, reason, parked_at, retry_count FROM parked WHERE name = ? AND replay = 0 ORDER BY position LIMIT ?',
    )
    this.#parkedCount = database.prepare('SELECT count(*) AS parked FROM parked WHERE name = ? AND replay = 0')
  }

  get turn(): number {
    return this.#wake.turn
  }

  waitAfter(turn: number, signal: AbortSignal): Promise<void> {
    return this.#wake.after(turn, signal)
  }

  after(row: number, filter: EventFilter, limit: number): Promise<ReadAllPage> {
    return this.#reading.all(row === 0 ? null : toPosition(row), filter, limit)
  }

  load(name: string): StoredGroup {
    const { cursor, owed } = this.progress(name)
    return {
      cursor,
      owed: owed.flatMap(([row, retryCount]) => this.#event(row).map((event) => ({ event, retryCount }))),
    }
  }

  /** Without the events: what the group's row says. */
  progress(name: string): Pick<GroupChange, 'cursor' | 'owed'> {
    const stored = this.#group.get(name)
    if (stored === undefined) return { cursor: 0, owed: [] }
    const owed: [number, number][] = JSON.parse(String(stored['owed']))
    return { cursor: Number(stored['cursor']), owed }
  }

  /** Parked ones that were put back and are not answered yet. */
  replayed(name: string, after: number, limit: number): RecordedEvent[] {
    return this.#replayed.all(name, after, limit).flatMap(({ position }) => this.#event(Number(position)))
  }

  parked(name: string, limit: number): ParkedEvent[] {
    return this.#parked.all(name, limit).flatMap((row) =>
      this.#event(Number(row['position'])).map((event) => ({
        event,
        reason: String(row['reason']),
        parkedAt: Number(row['parked_at']),
        retryCount: Number(row['retry_count']),
      })),
    )
  }

  parkedCount(name: string): number {
    return Number(this.#parkedCount.get(name)?.['parked'])
  }

  async write(change: GroupChange): Promise<void> {
    await this.#link.send({ kind: 'group', change })
  }

  async replay(group: string, eventIds: readonly string[] | undefined): Promise<number> {
    const answer = await this.#link.send({ kind: 'replay', group, eventIds: eventIds ?? null })
    return answer.kind === 'done' ? answer.changed : 0
  }

  #event(row: number): RecordedEvent[] {
    const event = this.#reading.rows.at(row)
    return event === undefined ? [] : [event]
  }
}
