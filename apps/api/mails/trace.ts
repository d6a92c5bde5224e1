import { Inject, Injectable } from '@nestjs/common'
import type { MailRow, RecipientRow } from '#projections/mail-trace/tables'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { administeredDomains, type Asker } from '../route/asker.ts'
import { visibleRecipients } from './part.ts'

const VIEW = 'mail-trace'

export interface TraceQuery {
  readonly address?: string | undefined
  readonly text?: string | undefined
  readonly ip?: string | undefined
  readonly messageId?: string | undefined
  readonly flow?: string | undefined
  readonly state?: string | undefined
  readonly after?: number | undefined
  readonly before?: number | undefined
}

export interface TracedMail {
  readonly row: MailRow
  readonly recipients: readonly RecipientRow[]
}

/** Finds mails, newest first; everybody finds their own part only, and finds nothing by what is hidden from them. */
@Injectable()
export class Trace {
  readonly #parts: ApiParts

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  find(asker: Asker, query: TraceQuery, beforeMail: string | null, limit: number): TracedMail[] {
    const { conditions, parameters, from, id } = narrowedTo(asker, query)
    const add = (condition: string, name: string, value: string | number): void => {
      conditions.push(condition)
      parameters[name] = value
    }
    if (beforeMail !== null) add(`${id} < :beforeMail`, 'beforeMail', beforeMail)
    if (query.flow !== undefined) add('m.flow = :flow', 'flow', query.flow)
    if (query.ip !== undefined) add('m.clientAddress = :ip', 'ip', query.ip)
    if (query.messageId !== undefined) {
      add('m.messageId IN (:messageId, :bracketed)', 'messageId', query.messageId.replaceAll(/[<>]/g, ''))
      parameters['bracketed'] = `<${query.messageId.replaceAll(/[<>]/g, '')}>`
    }
    if (query.after !== undefined) add('m.acceptedAt >= :after', 'after', query.after)
    if (query.before !== undefined) add('m.acceptedAt < :before', 'before', query.before)
    const { seen } = SIGHT[sightOf(asker)]
    if (query.state !== undefined) {
      add(
        `EXISTS (SELECT 1 FROM {recipients} r WHERE r.mail = m.mail AND r.state = :state AND ${seen})`,
        'state',
        query.state,
      )
    }
    if (query.address !== undefined && sightOf(asker) !== 'all') {
      add(
        `(EXISTS (SELECT 1 FROM {participants} q WHERE q.mail = m.mail AND q.address = :address AND (q.asSender = 1 OR q.asAccount = 1))
          OR EXISTS (SELECT 1 FROM {recipients} r WHERE r.mail = m.mail AND (r.mailbox = :address OR lower(r.address) = :address OR '@' || r.domain = :address) AND ${seen}))`,
        'address',
        query.address.toLowerCase(),
      )
    }
    if (query.text !== undefined) {
      // searchText names recipients, too: what a person must not see must not be found by searching for it either.
      const inSender =
        'instr(lower(concat_ws(char(10), m.subject, m.headerFrom, m.headerFromName, m.reversePath, m.messageId, m.mail)), :text) > 0'
      const inRecipients = `EXISTS (SELECT 1 FROM {recipients} r WHERE r.mail = m.mail AND instr(lower(r.address), :text) > 0 AND ${seen})`
      add(
        sightOf(asker) === 'all' ? 'instr(m.searchText, :text) > 0' : `(${inSender} OR ${inRecipients})`,
        'text',
        query.text.toLowerCase(),
      )
    }
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
    const rows = this.#parts.views.select<MailRow>(
      VIEW,
      `SELECT m.* FROM ${from} ${where} ORDER BY ${id} DESC LIMIT :limit`,
      {
        ...parameters,
        limit,
      },
    )
    return this.#withRecipients(asker, rows)
  }

  #withRecipients(asker: Asker, rows: readonly MailRow[]): TracedMail[] {
    const all = this.#parts.views.select<RecipientRow>(
      VIEW,
      'SELECT * FROM {recipients} WHERE mail IN (SELECT value FROM json_each(:mails)) ORDER BY mail, ordinal',
      { mails: JSON.stringify(rows.map(({ mail }) => mail)) },
    )
    const ofMail = Map.groupBy(all, ({ mail }) => mail)
    return rows.map((row) => {
      const recipients = ofMail.get(row.mail) ?? []
      const visible = visibleRecipients(asker, { account: row.account, recipients })
      return { row, recipients: recipients.filter(({ mailbox }) => visible.has(mailbox)) }
    })
  }
}

type Sight = 'all' | 'domain' | 'own'

const sightOf = (asker: Asker): Sight => {
  const domains = administeredDomains(asker)
  return domains === null ? 'all' : domains.length > 0 ? 'domain' : 'own'
}

/** `from`: what to walk through; `seen`: which recipients `r` of the mail `m` the asker may know of. */
const SIGHT: Readonly<Record<Sight, { readonly from: string; readonly mine: string | null; readonly seen: string }>> = {
  all: { from: '{mails} m', mine: null, seen: '1' },
  domain: {
    from: '{participants} p JOIN {mails} m ON m.mail = p.mail',
    mine: "p.address = '@' || :domain AND (p.asRecipient = 1 OR p.asAccount = 1) AND (substr(m.account, -1 - length(:domain)) = '@' || :domain OR EXISTS (SELECT 1 FROM {recipients} r WHERE r.mail = m.mail AND r.domain = :domain))",
    seen: "(r.domain = :domain OR substr(coalesce(r.forwardedBy, m.account), -1 - length(:domain)) = '@' || :domain)",
  },
  own: {
    from: '{participants} p JOIN {mails} m ON m.mail = p.mail',
    mine: 'p.address = :own AND (p.asRecipient = 1 OR p.asAccount = 1) AND (m.account = :own OR EXISTS (SELECT 1 FROM {recipients} r WHERE r.mail = m.mail AND r.mailbox = :own))',
    seen: '(r.mailbox = :own OR coalesce(r.forwardedBy, m.account) = :own)',
  },
}

/** Walked newest first by the index that narrows most: a person's own mails, those of an address, or all. */
function narrowedTo(
  asker: Asker,
  query: TraceQuery,
): {
  from: string
  id: 'm.mail' | 'p.mail'
  conditions: string[]
  parameters: Record<string, string | number | null>
} {
  const sight = sightOf(asker)
  if (sight === 'all' && query.address !== undefined) {
    return {
      from: SIGHT.own.from,
      id: 'p.mail',
      conditions: ['p.address = :address'],
      parameters: { address: query.address.toLowerCase() },
    }
  }
  const { from, mine } = SIGHT[sight]
  const domain = administeredDomains(asker)?.[0]
  return {
    from,
    id: sight === 'all' ? 'm.mail' : 'p.mail',
    conditions: mine === null ? [] : [mine],
    parameters: sight === 'all' ? {} : sight === 'domain' && domain !== undefined ? { domain } : { own: asker.address },
  }
}
