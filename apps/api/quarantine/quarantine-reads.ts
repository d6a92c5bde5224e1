import { Inject, Injectable } from '@nestjs/common'
import type { ScoredSymbol } from '#domain/mail/events'
import { symbolsOf } from '#projections/mail-trace/symbols-of'
import type { QuarantineRow } from '#projections/quarantine/projection'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { administeredDomains, type Asker } from '../route/asker.ts'

export const QUARANTINE_VIEW = 'quarantine'

export interface QuarantineQuery {
  readonly recipient?: string | undefined
  readonly reason?: string | undefined
  readonly from?: string | undefined
  readonly subject?: string | undefined
  readonly after?: number | undefined
  readonly before?: number | undefined
  readonly minScore?: number | undefined
}

/** What is held, newest first: for a user theirs, for an administrator that of the domain. */
@Injectable()
export class QuarantineReads {
  readonly #parts: ApiParts

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  find(asker: Asker, query: QuarantineQuery, after: readonly [string, string] | null, limit: number): QuarantineRow[] {
    const conditions: string[] = []
    const parameters: Record<string, string | number | null> = { limit }
    const add = (condition: string, name: string, value: string | number): void => {
      conditions.push(condition)
      parameters[name] = value
    }
    const domains = administeredDomains(asker)
    if (query.recipient !== undefined) add('recipient = :recipient', 'recipient', query.recipient)
    else if (domains !== null && domains[0] === undefined) add('recipient = :recipient', 'recipient', asker.address)
    if (domains !== null && domains[0] !== undefined) add('domain = :domain', 'domain', domains[0])
    if (query.reason !== undefined) add('reason = :reason', 'reason', query.reason)
    if (query.from !== undefined) add('instr(fromText, :from) > 0', 'from', query.from.toLowerCase())
    if (query.subject !== undefined) add('instr(subjectText, :subject) > 0', 'subject', query.subject.toLowerCase())
    if (query.after !== undefined) add('acceptedAt >= :after', 'after', query.after)
    if (query.before !== undefined) add('acceptedAt < :before', 'before', query.before)
    if (query.minScore !== undefined) add('score >= :minScore', 'minScore', query.minScore)
    if (after !== null) {
      add('(mail < :mail OR (mail = :mail AND recipient > :afterRecipient))', 'mail', after[0])
      parameters['afterRecipient'] = after[1]
    }
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
    return this.#parts.views.select<QuarantineRow>(
      QUARANTINE_VIEW,
      `SELECT * FROM {items} ${where} ORDER BY mail DESC, recipient LIMIT :limit`,
      parameters,
    )
  }

  get(mail: string, recipient: string): QuarantineRow | undefined {
    return this.#parts.views.get<QuarantineRow>(QUARANTINE_VIEW, 'items', [mail, recipient])
  }

  /** What the score of each mail is made of; a mail that has none yet has no entry. */
  symbolsOf(mails: readonly string[]): ReadonlyMap<string, readonly ScoredSymbol[]> {
    return symbolsOf(mails, (sql, values) => this.#parts.views.select('mail-trace', sql, values))
  }
}
