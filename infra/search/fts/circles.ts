import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** Who is in which circle (a mail's people, kept once for all mails between them), in memory: counting looks at every mail that was found. */
export class Circles {
  readonly #newer: StatementSync
  readonly #name: StatementSync
  readonly #members: (readonly number[])[] = []

  constructor(database: DatabaseSync) {
    this.#newer = database.prepare('SELECT id, people FROM circles WHERE id >= ? ORDER BY id')
    this.#name = database.prepare('SELECT address FROM people WHERE id = ?')
  }

  /** How many documents each person is in, given that of each circle; the most frequent first, at most `limit`. */
  people(documents: ReadonlyMap<number, number>, limit: number): { value: string; count: number }[] {
    this.#catchUp()
    const counts = new Map<number, number>()
    for (const [circle, count] of documents)
      for (const person of this.#members[circle] ?? []) counts.set(person, (counts.get(person) ?? 0) + count)
    return [...counts]
      .sort(([one, many], [other, more]) => more - many || one - other)
      .slice(0, limit)
      .map(([person, count]) => ({ value: String(this.#name.get(person)?.['address'] ?? ''), count }))
  }

  #catchUp(): void {
    for (const { id, people } of this.#newer.all(this.#members.length) as { id: number; people: string }[])
      this.#members[id] = people === '' ? [] : people.split(',').map(Number)
  }
}
