import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { logFile, temporaryFolder } from '#test/contract/event-log/sqlite-folder'
import { openForWriting } from './database.ts'
import { failureOf } from './failure.ts'
import { Outcomes } from './outcomes.ts'
import type { Field } from './protocol.ts'
import { Writer } from './writer.ts'

const appended = (stream: string, expected: string | number, data = '{}', id: string = randomUUID()): Field[] => [
  stream,
  expected,
  1,
  'Opened',
  1,
  0,
  id,
  '[]',
  data,
]

const transaction = (database: DatabaseSync, writer: Writer, fields: readonly Field[]) => {
  try {
    database.exec('BEGIN IMMEDIATE')
    const outcomes = new Outcomes(Outcomes.memory())
    writer.append(fields, outcomes, 0)
    database.exec('COMMIT')
    return Array.from({ length: fields.length / 9 }, (_, slot) => [outcomes.position(slot), outcomes.revision(slot)])
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    writer.forget()
    throw error
  }
}

describe('the writer', () => {
  it('goes on when the disk has room again, as if nothing had been tried', () => {
    const path = logFile(temporaryFolder())
    const { database, release } = openForWriting(path)
    const writer = new Writer(database)
    transaction(database, writer, appended('mail-1', 'noStream'))
    database.exec('PRAGMA max_page_count = 40')
    const tooMuch = [...appended('mail-1', 0), ...appended('account-2', 'noStream', `{"x":"${'x'.repeat(200_000)}"}`)]
    let failed: unknown
    try {
      transaction(database, writer, tooMuch)
    } catch (error) {
      failed = error
    }
    expect(failureOf(failed, path)).toMatchObject({ why: 'disk-full', message: expect.stringContaining('make room') })
    expect(writer.head).toBe(1)
    database.exec('PRAGMA max_page_count = 4000')
    expect(transaction(database, writer, tooMuch)).toEqual([
      [2, 1],
      [3, 0],
    ])
    database.close()
    release()
  })

  it('finds streams it does not remember', () => {
    const path = logFile(temporaryFolder())
    const { database, release } = openForWriting(path)
    const id = randomUUID()
    transaction(database, new Writer(database), [...appended('mail-1', 'noStream', '{}', id), ...appended('mail-1', 0)])
    const writer = new Writer(database)
    expect(transaction(database, writer, appended('mail-1', 'noStream', '{}', id))).toEqual([[1, 0]])
    expect(transaction(database, writer, appended('mail-1', 'noStream'))).toEqual([[Number.NaN, 1]])
    expect(transaction(database, new Writer(database), appended('mail-1', 1))).toEqual([[3, 2]])
    expect(transaction(database, new Writer(database), appended('mail-1', 'streamExists'))).toEqual([[4, 3]])
    database.close()
    release()
  })
})
