import { z } from 'zod'
import { eventType, type EventOf } from '../kernel/event-type.ts'
import { instant } from '../kernel/instant.ts'

/*
 * What an account sends. Its days, one after the other, are in stream `sendingdays-<account>`; what was reserved in one of them is in
 * `sending-<account>-<day>`.
 * THESE NAMES AND SHAPES ARE THE STORAGE FORMAT.
 */

/** `day` is a date, YYYY-MM-DD, later than those before; `zone` the account's when it was opened: it keeps it till its end. */
export const SendingDayOpened = eventType(
  'SendingDayOpened',
  z.object({ day: z.string().length(10), zone: z.string().max(64), begins: instant, ends: instant }),
)

export const sendingDaysEventTypes = [SendingDayOpened] as const
export type SendingDaysEvent = EventOf<typeof sendingDaysEventTypes>
export type SendingDay = SendingDaysEvent['data']

const recipients = z.number().int().positive()

/** A mail that is about to be accepted has its place in the quota. */
export const SendingReserved = eventType('SendingReserved', z.object({ mail: z.string(), recipients, at: instant }))
/** It was refused after all. */
export const SendingReturned = eventType('SendingReturned', z.object({ mail: z.string(), recipients, at: instant }))
/** An administrator lets the account send more on this day; null: this number was not raised. */
export const QuotaRaised = eventType(
  'QuotaRaised',
  z.object({
    mailsPerDay: z.number().int().positive().nullable(),
    recipientsPerDay: z.number().int().positive().nullable(),
    by: z.string(),
    at: instant,
  }),
)
/** The first time of the day that a mail was refused for it; `quota` is the number that it would have exceeded. */
export const QuotaExceeded = eventType(
  'QuotaExceeded',
  z.object({
    limit: z.enum(['mails', 'recipients']),
    quota: z.number().int().nonnegative(),
    resetsAt: instant,
    at: instant,
  }),
)

export const sendingEventTypes = [SendingReserved, SendingReturned, QuotaRaised, QuotaExceeded] as const
export type SendingEvent = EventOf<typeof sendingEventTypes>

export const sendingDaysStream = (account: string): `sendingdays-${string}` => `sendingdays-${account.toLowerCase()}`

/** `id`: as `sendingId` makes it. */
export const sendingStream = (id: string): `sending-${string}` => `sending-${id}`
export const sendingId = (account: string, day: string): string => `${account.toLowerCase()}-${day}`

/** Account and day of a stream's name `sending-<account>-<day>`. */
export const accountAndDay = (stream: string): { readonly account: string; readonly day: string } => ({
  account: stream.slice('sending-'.length, -'-YYYY-MM-DD'.length),
  day: stream.slice(-'YYYY-MM-DD'.length),
})
