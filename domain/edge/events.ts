import { z } from 'zod'
import { eventType, unchanged, type EventOf } from '../kernel/event-type.ts'
import { copyRole } from '../archive/copy.ts'
import { client } from '../message/client.ts'
import { address } from '../message/mailbox.ts'
import { reply } from '../message/reply.ts'

/*
 * What was turned away before acceptance, stream `refusals-<node>-<day>`, and who signed in or read what, stream
 * `access-<node>-<day>`: one writer each. THESE NAMES AND SHAPES ARE THE STORAGE FORMAT.
 */
export const refusalStage = z.enum(['connect', 'helo', 'mail', 'rcpt', 'data', 'auth'])
export type RefusalStage = z.output<typeof refusalStage>

/** `check` names what refused, e.g. `unknown-recipient`; `count` > 1 where equal ones were grouped. When: the event's occurredAt. */
export const Refused = eventType(
  'Refused',
  z.object({
    id: z.string(),
    stage: refusalStage,
    client,
    reversePath: z.string().max(512).nullable(),
    recipient: z.string().max(512).nullable(),
    reply,
    check: z.string(),
    evidence: z.string().max(2_000).nullable(),
    count: z.number().int().positive(),
  }),
)

export const SignInRefused = eventType(
  'SignInRefused',
  z.object({
    address: z.string().max(320),
    clientAddress: z.string(),
    reason: z.enum(['wrong-password', 'unknown-account', 'suspended', 'limited']),
  }),
  { version: 2, upcasts: { 1: unchanged } },
)

/** Content of a mail was read or previewed through the API. `reason` is what an officer gave. */
export const ContentRead = eventType(
  'ContentRead',
  z.object({
    mail: z.string(),
    recipient: z.string().nullable(),
    by: z.string(),
    as: z.enum(['user', 'compliance', 'domain-admin', 'admin']),
    reason: z.string().nullable(),
  }),
)

/** A link of a digest was opened (not: pressed), by a person or a scanner; at most once a minute for each link and client. */
export const LinkOpened = eventType(
  'LinkOpened',
  z.object({ act: z.string().max(20), mail: z.string(), recipient: z.string(), clientAddress: z.string() }),
)

const archiveReader = {
  by: z.string(),
  as: z.enum(['user', 'compliance']),
  /** What an officer gave. */
  reason: z.string().nullable(),
  /** The second officer's, where policy wants one. */
  approval: z.string().nullable(),
}

/** Somebody looked through the archive: one event for each page that was answered, before it was. */
export const ArchiveSearched = eventType(
  'ArchiveSearched',
  z.object({
    ...archiveReader,
    /** The account that was searched; null: all. */
    account: address.nullable(),
    /** As typed; null: all there is, newest first. */
    query: z.string().max(4_000).nullable(),
    /** Copies in the answer, and whose they are. */
    found: z.number().int().nonnegative(),
    shown: z.array(address).max(500),
  }),
)

/** A copy was looked at: what lists show and what became of the mail (`item`), its bytes (`content`), its proof. */
export const ArchiveRead = eventType(
  'ArchiveRead',
  z.object({
    ...archiveReader,
    mail: z.string(),
    account: address,
    role: copyRole,
    what: z.enum(['item', 'content', 'proof']),
  }),
)

export const edgeEventTypes = [Refused, SignInRefused, ContentRead, LinkOpened, ArchiveSearched, ArchiveRead] as const
export type EdgeEvent = EventOf<typeof edgeEventTypes>
