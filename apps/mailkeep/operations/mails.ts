import { z } from 'zod'
import { mailStream } from '#domain/mail/events'
import type { Mail } from '#domain/mail/state'
import { shownMail } from '#apps/api/mails/shown'
import { mailId } from '#apps/api/resources/shapes'
import { NoJudgement } from '#apps/inspector/recorded-judgement'
import { replayMail } from '#apps/inspector/replay'
import { aggregates } from '#infra/commands/aggregates'
import type { RecordedEvent } from '#infra/event-log/port'
import type { Foundation } from '../foundation.ts'
import { operation, OperationRefused, upToDate, type Circumstances } from './operation.ts'

const PAGE = 1_000
const MAX_EVENTS = 50_000
const MAX_FOUND = 20

export const mailOperations = {
  /** By the id of the 250 reply, or by the sender's Message-ID, which several mails may have. */
  'mail-trace': operation(
    z.strictObject({ mail: z.string().min(1).max(998) }),
    async (foundation, { mail: named }, circumstances) => {
      const ids = mailId.safeParse(named)
      const found = ids.success ? [ids.data] : await byMessageId(foundation, circumstances, named)
      const mails = []
      for (const id of found) {
        const mail = await loadMail(foundation, id)
        const visible = new Set(mail.recipients.map(({ mailbox }) => mailbox))
        mails.push(shownMail(id, mail, await eventsOf(foundation, id), visible))
      }
      return { mails }
    },
  ),

  /** The verdict made again from the evidence; `problem` says why there is none to compare. */
  'mail-replay': operation(z.strictObject({ mail: mailId }), async (foundation, { mail }) => {
    await loadMail(foundation, mail)
    try {
      return { ...(await replayMail({ ...foundation, domains: foundation.hostedDomains }, mail)), problem: null }
    } catch (error) {
      if (error instanceof NoJudgement) return { ...NOTHING_REPLAYED, problem: error.message }
      throw error
    }
  }),
}

const NOTHING_REPLAYED = {
  same: null,
  authentication: null,
  policyVersion: null,
  weights: null,
  answers: null,
  differences: [],
} as const

/** Throws `OperationRefused` when there is none. */
export const loadMail = async ({ states }: Foundation, id: string): Promise<Mail> => {
  const { state } = await states.loadNewest(aggregates.mail, mailStream(id))
  if (state === null) throw new OperationRefused(`There is no mail ${id}. A mail that got no 250 has no id.`)
  return state
}

const byMessageId = async (foundation: Foundation, circumstances: Circumstances, named: string): Promise<string[]> => {
  if (!named.includes('@'))
    throw new OperationRefused(
      `"${named.slice(0, 100)}" is no mail id: that is the 26 characters of the reply 250 2.0.0 Ok.`,
      { kind: 'usage', instead: 'mailkeep mail trace 01KAV3CX6Q1GJ5YB4R6DA7FXHS' },
    )
  await upToDate(foundation, circumstances, 'mail-trace', ['mail'])
  const bare = named.replace(/^<|>$/g, '')
  const rows = foundation.views.select<{ mail: string }>(
    'mail-trace',
    'SELECT mail FROM {mails} WHERE messageId IN (:bare, :bracketed) ORDER BY mail DESC LIMIT :limit',
    { bare, bracketed: `<${bare}>`, limit: MAX_FOUND },
  )
  if (rows.length === 0) throw new OperationRefused(`No mail has the Message-ID <${bare}>.`)
  return rows.map(({ mail }) => mail)
}

const eventsOf = async ({ log }: Foundation, id: string): Promise<RecordedEvent[]> => {
  const events: RecordedEvent[] = []
  while (events.length < MAX_EVENTS) {
    const page = await log.readStream(mailStream(id), { from: events.length, limit: PAGE })
    events.push(...page)
    if (page.length < PAGE) break
  }
  return events
}
