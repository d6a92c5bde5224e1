import { domainToASCII } from 'node:url'
import { z } from 'zod'
import type { ViewReader } from '#infra/views/port'
import type { QueueRow } from '#projections/delivery-queue/projection'
import { timeGiven } from '../resources/shapes.ts'

export const QUEUE_VIEW = 'delivery-queue'

export const queueStates = ['pending', 'deferred', 'undeliverable'] as const

const address = (example: string) =>
  z
    .string()
    .max(320)
    .regex(/^(<>|[^@\s\p{Cc}]{1,64}@[^@\s\p{Cc}]+)$/u, `expected ${example}`)
    .transform((text) => text.toLowerCase())

/** What entries of the queue are chosen by; each criterion narrows further. */
export const queueCriteria = {
  destination: z
    .string()
    .trim()
    .min(1)
    .max(255)
    .transform((name) => name.toLowerCase())
    .optional()
    .describe("the recipients' domain"),
  sender: address('an address, or <> for the null reverse-path')
    .optional()
    .describe('who submitted it, or its reverse-path; `<>`: the null reverse-path'),
  recipient: address('an address, e.g. ann@example.org').optional().describe('as given, or the mailbox it leads to'),
  state: z.enum(queueStates).optional().describe('`undeliverable` is chosen only when it is asked for'),
  reply: z.string().min(1).max(200).optional().describe('in the last reply: its code, enhanced code and text'),
  before: timeGiven.optional().describe('it has waited since before that'),
}

export interface QueueFilter {
  readonly destination?: string | undefined
  readonly sender?: string | undefined
  readonly recipient?: string | undefined
  readonly state?: (typeof queueStates)[number] | undefined
  readonly held?: boolean | undefined
  readonly reply?: string | undefined
  /** Milliseconds. */
  readonly before?: number | undefined
}

export type EntryKey = Pick<QueueRow, 'mail' | 'recipient'>

/** One more condition, as SQL over the view, in which `:now` is when. */
export interface AlsoMatching {
  readonly condition: string
  readonly now: number
}

/** Entries after a key that match, by mail and recipient. */
export const entriesMatching = (
  views: Pick<ViewReader, 'select'>,
  filter: QueueFilter,
  { after, limit }: { readonly after: EntryKey | null; readonly limit: number },
  also?: AlsoMatching,
): readonly QueueRow[] => {
  const { conditions, parameters } = asSql(filter, also)
  if (after !== null) {
    conditions.push('(mail > :mail OR (mail = :mail AND recipient > :after))')
    Object.assign(parameters, { mail: after.mail, after: after.recipient })
  }
  return views.select<QueueRow>(
    QUEUE_VIEW,
    `SELECT * FROM {entries} WHERE ${conditions.join(' AND ')} ORDER BY mail, recipient LIMIT :limit`,
    { ...parameters, limit },
  )
}

/** How many match; more than `most` are not counted. */
export const countMatching = (
  views: Pick<ViewReader, 'select'>,
  filter: QueueFilter,
  most: number,
  also?: AlsoMatching,
): number => {
  const { conditions, parameters } = asSql(filter, also)
  const [counted] = views.select<{ readonly entries: number }>(
    QUEUE_VIEW,
    `SELECT count(*) AS entries FROM (SELECT 1 FROM {entries} WHERE ${conditions.join(' AND ')} LIMIT :most)`,
    { ...parameters, most },
  )
  return counted?.entries ?? 0
}

const asSql = (
  { destination, sender, recipient, state, held, reply, before }: QueueFilter,
  also: AlsoMatching | undefined,
): { conditions: string[]; parameters: Record<string, string | number> } => {
  const conditions: string[] = []
  const parameters: Record<string, string | number> = {}
  const add = (condition: string, values: Record<string, string | number>): void => {
    conditions.push(condition)
    Object.assign(parameters, values)
  }
  if (also !== undefined) add(also.condition, also.condition.includes(':now') ? { now: also.now } : {})
  if (destination !== undefined) {
    const inALabels = domainToASCII(destination)
    // One name alone is walked through in the order of its index.
    if (inALabels === destination) add('domain = :destination', { destination })
    else add('domain IN (:destination, :inALabels)', { destination, inALabels })
  }
  if (sender === '<>') conditions.push('reversePath IS NULL')
  else if (sender !== undefined) add('(lower(sender) = :sender OR lower(reversePath) = :sender)', { sender })
  if (recipient !== undefined) add('(lower(recipient) = :to OR lower(address) = :to)', { to: recipient })
  if (state === undefined) conditions.push("state <> 'undeliverable'")
  else add('state = :state', { state })
  if (held !== undefined) add('held = :held', { held: held ? 1 : 0 })
  if (reply !== undefined) add(`instr(lower(${REPLY}), :reply) > 0`, { reply: reply.toLowerCase() })
  if (before !== undefined) add('queuedAt < :before', { before })
  return { conditions, parameters }
}

/** The last reply as it is written: `451 4.3.0 Try again later`. */
const REPLY = "concat_ws(' ', lastReply ->> 'code', lastReply ->> 'enhancedCode', lastReply ->> 'text')"
