import { openForReading } from './database.ts'
import { unavailable } from './failure.ts'

const MAX_PROBLEMS = 100

/**
 * What SQLite itself finds wrong with the file, and streams with a gap in their revisions; empty: nothing. Reads all of the file, beside a
 * running server or without one. Throws `LogUnavailable` when it can't be opened at all.
 */
export const integrityProblems = (path: string): readonly string[] => {
  const database = openForReading(path)
  try {
    const found = database
      .prepare(`PRAGMA quick_check(${MAX_PROBLEMS})`)
      .all()
      .map((row) => String(Object.values(row)[0]))
      .filter((line) => line !== 'ok')
    if (found.length > 0) return found
    return database
      .prepare(
        `SELECT stream, min(revision) AS first, max(revision) AS last, count(*) AS events FROM events
          GROUP BY stream HAVING first <> 0 OR last <> events - 1 LIMIT ${MAX_PROBLEMS}`,
      )
      .all()
      .map(
        ({ stream, first, last, events }) =>
          `stream ${String(stream)} has ${String(events)} events with revisions from ${String(first)} to ${String(last)}: some are missing`,
      )
  } catch (error) {
    throw unavailable(error, path)
  } finally {
    database.close()
  }
}
