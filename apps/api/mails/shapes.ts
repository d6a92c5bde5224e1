import { z } from 'zod'
import { flow, quarantineReason, route as routeOfMail, symbol } from '#domain/mail/events'
import { actor } from '#domain/kernel/actor'
import { client } from '#domain/message/client'
import { reply } from '#domain/message/reply'
import { time } from '../resources/shapes.ts'

/* Shapes of interface.md §4, to the letter; more fields are welcome there. */

export const recipientStates = [
  'pending',
  'quarantined',
  'delivered',
  'deferred',
  'bounced',
  'expired',
  'discarded',
  'undeliverable',
] as const

const recipientShape = z
  .object({
    address: z.string().describe('as given'),
    mailbox: z.string().describe('what it resolves to'),
    route: routeOfMail,
    state: z.enum(recipientStates),
    reason: quarantineReason.nullable(),
    score: z.number().nullable(),
    threshold: z.number().nullable(),
    symbols: z.array(symbol),
    reply: reply.nullable(),
    archived: z.boolean(),
    held: z.boolean().describe('an administrator stopped delivery attempts'),
    attempts: z.number(),
    dueAt: time.nullable().describe('the next attempt'),
    expiresAt: time.nullable().describe('end of the quarantine'),
  })
  .meta({ id: 'Recipient' })

const eventShape = z
  .object({
    id: z.string(),
    type: z.string(),
    revision: z.number(),
    position: z.string(),
    occurredAt: time,
    actor,
    data: z.unknown(),
  })
  .meta({ id: 'Event' })

const mailFields = {
  id: z.string(),
  flow,
  acceptedAt: time,
  client,
  reversePath: z.string().nullable(),
  headerFrom: z.string().nullable(),
  headerFromName: z.string().nullable(),
  subject: z.string().nullable(),
  messageId: z.string().nullable(),
  size: z.number(),
  contentHash: z.string(),
  recipients: z.array(recipientShape),
}

export const mailSummary = z.object(mailFields).meta({ id: 'MailSummary' })

export const mailShape = z
  .object({
    ...mailFields,
    account: z.string().nullable().describe('who submitted it'),
    authentication: z.unknown().describe('SPF, DKIM, DMARC and ARC, once they are known'),
    policyVersion: z.number().nullable(),
    contentKept: z.boolean(),
    events: z.array(eventShape),
  })
  .meta({ id: 'Mail' })
