import { z } from 'zod'
import { eventType, type EventOf } from '../kernel/event-type.ts'
import { digestWishes } from './digest-wishes.ts'

/*
 * Events of the lists and digest wishes of a mailbox, stream `mailbox-<address>`, or of a whole domain, stream `mailbox-@<domain>`.
 * An entry is `local@domain`, `@domain` or `.domain` (with subdomains), in canonical form (lower case, A-labels).
 * THESE NAMES AND SHAPES ARE THE STORAGE FORMAT.
 */
const entry = z.string().min(2).max(320)

/** Allowing what is blocked takes it off the block list, and the other way round: one event says both. */
export const SenderAllowed = eventType('SenderAllowed', z.object({ entry, note: z.string().max(500).nullable() }))
export const SenderBlocked = eventType('SenderBlocked', z.object({ entry, note: z.string().max(500).nullable() }))
export const EntryRemoved = eventType('EntryRemoved', z.object({ entry, list: z.enum(['allow', 'block']) }))

/** null: as the domain says; of a domain: as policy says. */
export const DigestWishesSet = eventType('DigestWishesSet', z.object({ wishes: digestWishes.nullable() }))

export const mailboxEventTypes = [SenderAllowed, SenderBlocked, EntryRemoved, DigestWishesSet] as const
export type MailboxEvent = EventOf<typeof mailboxEventTypes>

/** `owner`: a mailbox address, or `@domain` for the domain's own lists. */
export const mailboxStream = (owner: string): `mailbox-${string}` => `mailbox-${owner.toLowerCase()}`
