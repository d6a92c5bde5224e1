import type { ScoredSymbol } from '#domain/mail/events'
import type { MailRow } from './tables.ts'

/** Reads rows of this view: `(sql, values) => views.select('mail-trace', sql, values)`. */
type Select = (sql: string, values: Readonly<Record<string, string>>) => readonly unknown[]

const SCORED = `SELECT mail, symbols FROM {mails}
  WHERE symbols IS NOT NULL AND mail IN (SELECT value FROM json_each(:mails))`

/** What the score of each mail is made of; a mail that has none yet has no entry. */
export const symbolsOf = (mails: readonly string[], select: Select): ReadonlyMap<string, readonly ScoredSymbol[]> =>
  new Map(
    (select(SCORED, { mails: JSON.stringify(mails) }) as readonly Pick<MailRow, 'mail' | 'symbols'>[]).map(
      ({ mail, symbols }) => [mail, JSON.parse(symbols ?? '[]') as ScoredSymbol[]],
    ),
  )
