import { z } from 'zod'
import { eventType, type EventOf } from '../kernel/event-type.ts'
import { instant } from '../kernel/instant.ts'

/*
 * Events of an account's digests, stream `digest-<address>`.
 * THESE NAMES AND SHAPES ARE THE STORAGE FORMAT.
 */

/** Held mails that one digest shows; beyond it a link to all of them. */
export const MOST_SHOWN = 100

const count = z.number().int().nonnegative()

/** What a digest tells. */
export const digestContent = z.object({
  /** Mail ids, newest first: of what came into quarantine since the last digest and is still there. */
  held: z.array(z.string()).max(MOST_SHOWN),
  /** All of those, the shown ones included. */
  heldCount: count,
  /** Of that time. `infected`: held as a virus; `refused`: turned away before acceptance; the last two: by the account's own lists. */
  counts: z.object({
    delivered: count,
    sent: count,
    refused: count,
    infected: count,
    allowed: count,
    blocked: count,
  }),
})
export type DigestContent = z.output<typeof digestContent>

/**
 * A digest's time has come: what it tells is decided here, once; the mail follows from the event, its id too. `tells` null: there was nothing
 * to tell, and no mail follows. `through`: position of the last held mail that was looked at; the next digest begins after it.
 */
export const DigestWindowClosed = eventType(
  'DigestWindowClosed',
  z.object({
    from: instant.nullable(),
    to: instant,
    through: z.string().nullable(),
    tells: digestContent.nullable(),
  }),
)

/** The link of a digest that signs in works once. `link`: SHA-256 of it, hex. */
export const SignInLinkUsed = eventType('SignInLinkUsed', z.object({ link: z.string().regex(/^[0-9a-f]{64}$/) }))

export const digestEventTypes = [DigestWindowClosed, SignInLinkUsed] as const
export type DigestEvent = EventOf<typeof digestEventTypes>

export const digestStream = (address: string): `digest-${string}` => `digest-${address.toLowerCase()}`
