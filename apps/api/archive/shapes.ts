import { z } from 'zod'
import { copyRole } from '#domain/archive/copy'
import { readItemId } from '#domain/archive/item-id'
import { flow, quarantineReason, route as routeOfMail, symbol } from '#domain/mail/events'
import { client } from '#domain/message/client'
import { reply } from '#domain/message/reply'
import { recipientStates } from '../mails/shapes.ts'
import { time } from '../resources/shapes.ts'

/* Shapes of interface.md §4, to the letter; more fields are welcome there. */

const hold = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    from: time.nullable().describe('covers what was accepted or became due from then on; null: from the beginning'),
    until: time.nullable().describe('and before then; null: for ever'),
    query: z.string().nullable().describe('of these, what it finds; null: all'),
    reason: z.string().nullable(),
    by: z.string().nullable(),
    at: time,
  })
  .meta({ id: 'Hold' })

export const archiveAccountShape = z
  .object({
    address: z.string(),
    subscribed: z.boolean(),
    subscription: z.object({
      own: z.boolean().nullable().describe('null: as its domain says'),
      domain: z.boolean(),
    }),
    quotaBytes: z.number().nullable().describe('null: without a bound'),
    ownQuota: z.boolean().describe('its own, not the policy’s'),
    usedBytes: z.number(),
    copies: z.number(),
    full: z.boolean().describe('archiving goes on'),
    growth: z.object({
      days: z.number().describe('looked at: today and those before'),
      copiesPerDay: z.number(),
      bytesPerDay: z.number(),
      fullAt: time.nullable().describe('if it goes on so; null: never, or it is full'),
    }),
    retentionDays: z.number().nullable().describe('of what comes now; null: for ever'),
    ownRetention: z.boolean().describe('its own, not the policy’s'),
    holds: z.array(hold).describe('in place; what they are about is for officers to see'),
  })
  .meta({ id: 'ArchiveAccount' })

const itemFields = {
  id: z.string(),
  mail: z.string(),
  account: z.string(),
  role: copyRole,
  archivedAt: time,
  headerFrom: z.string().nullable(),
  headerFromName: z.string().nullable(),
  to: z.array(z.string()).describe('of the header'),
  subject: z.string().nullable(),
  size: z.number(),
  highlights: z.array(z.string()),
}

export const archiveItem = z.object(itemFields).meta({ id: 'ArchiveItem' })

const counts = z.array(z.object({ value: z.string(), count: z.number() }))
export const archiveFacets = z
  .object({
    total: z.number(),
    people: counts.describe('addresses in From, To and Cc, at most 20'),
    months: counts.describe('`2026-03`, the latest first'),
    sizes: counts,
    types: counts.describe('kinds of attached files'),
  })
  .meta({ id: 'ArchiveFacets' })

const recipient = z
  .object({
    address: z.string().describe('as given'),
    mailbox: z.string(),
    route: routeOfMail,
    state: z.enum(recipientStates),
    reason: quarantineReason.nullable(),
    score: z.number().nullable(),
    threshold: z.number().nullable(),
    reply: reply.nullable(),
  })
  .meta({ id: 'ArchivedRecipient' })

export const archivedMail = z
  .object({
    ...itemFields,
    contentHash: z.string(),
    messageId: z.string().nullable(),
    flow,
    acceptedAt: time,
    dueAt: time.describe('when the copy became due'),
    retainUntil: time.nullable().describe('what was set later included; null: for ever'),
    held: z.boolean().describe('a legal hold covers it'),
    client: client.describe('who brought it'),
    envelope: z.object({
      reversePath: z.string().nullable(),
      recipients: z.array(recipient).describe('of what somebody received only their own part, but for officers'),
    }),
    authentication: z.unknown().describe('SPF, DKIM, DMARC and ARC, as they were found'),
    symbols: z.array(symbol),
    policyVersion: z.number().nullable(),
  })
  .meta({ id: 'ArchivedMail' })

export const archiveItemId = z
  .string()
  .max(1_000)
  .transform((text, context) => {
    const name = readItemId(text)
    if (name === null) context.addIssue({ code: 'custom', message: 'expected the id of an item of the archive' })
    return name ?? z.NEVER
  })
