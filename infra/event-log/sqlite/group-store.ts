import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { GroupChange } from './protocol.ts'

/** The writing half of the groups' state; runs in the writer's transaction. */
export class GroupStore {
  readonly #put: StatementSync
  readonly #park: StatementSync
  readonly #unpark: StatementSync
  readonly #replayAll: StatementSync
  readonly #replayOne: StatementSync

  constructor(database: DatabaseSync) {
    this.#put = database.prepare(
      'INSERT INTO groups VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor, owed = excluded.owed',
    )
    this.#park = database.prepare('INSERT OR REPLACE INTO parked VALUES (?, ?, ?, ?, ?, 0)')
    this.#unpark = database.prepare('DELETE FROM parked WHERE name = ? AND position = ? AND replay = 1')
    this.#replayAll = database.prepare('UPDATE parked SET replay = 1 WHERE name = ? AND replay = 0')
    this.#replayOne = database.prepare(
      `UPDATE parked SET replay = 1 WHERE name = ?1 AND replay = 0 AND position IN
         (SELECT position FROM parked JOIN events USING (position) WHERE name = ?1 AND id = ?2)`,
    )
  }

  apply(change: GroupChange): void {
    for (const position of change.unparked) this.#unpark.run(change.name, position)
    for (const { position, reason, parkedAt, retryCount } of change.parked) {
      this.#park.run(change.name, position, reason, parkedAt, retryCount)
    }
    this.#put.run(change.name, change.cursor, JSON.stringify(change.owed))
  }

  replay(group: string, eventIds: readonly string[] | null): number {
    if (eventIds === null) return Number(this.#replayAll.run(group).changes)
    let replayed = 0
    for (const id of new Set(eventIds)) replayed += Number(this.#replayOne.run(group, id).changes)
    return replayed
  }
}
