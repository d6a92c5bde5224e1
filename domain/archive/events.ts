import { z } from 'zod'
import { eventType, type EventOf } from '../kernel/event-type.ts'
import { instant } from '../kernel/instant.ts'
import { contentHash } from '../message/content-hash.ts'
import { copyRole } from './copy.ts'

/*
 * Events of an archive account, stream `archive-<account>`: who is subscribed, for how long and how much is kept, what is held and what was
 * purged. The copies themselves are in the streams of their mails (`Archived`); a domain's default is in the domain's (`ArchiveDefaultSet`).
 * THESE NAMES AND SHAPES ARE THE STORAGE FORMAT.
 */

/** From here on whatever the account sends or receives is archived. */
export const Subscribed = eventType('Subscribed', z.object({}))
/** Nothing more is; what is there stays. */
export const Unsubscribed = eventType('Unsubscribed', z.object({}))
/** As the account's domain says. */
export const SubscriptionReverted = eventType('SubscriptionReverted', z.object({}))

/** null: without a bound. */
export const ArchiveQuotaSet = eventType(
  'ArchiveQuotaSet',
  z.object({ bytes: z.number().int().nonnegative().nullable() }),
)
/** As policy says. */
export const ArchiveQuotaReverted = eventType('ArchiveQuotaReverted', z.object({}))

/** null: for ever. Longer than before, it applies to what is there, too; shorter, to what comes only. */
export const RetentionSet = eventType(
  'RetentionSet',
  z.object({ days: z.number().int().positive().max(36_500).nullable(), at: instant }),
)
/** As policy says. */
export const RetentionReverted = eventType('RetentionReverted', z.object({ at: instant }))

/**
 * Nothing of what it covers is purged until it is lifted, whether it is there or comes yet: copies due from `from` (null: the beginning)
 * to before `until` (null: for ever), and of these those that `query` finds (null: all).
 */
export const HoldPlaced = eventType(
  'HoldPlaced',
  z.object({
    hold: z.string().min(1).max(64),
    name: z.string().min(1).max(200),
    from: instant.nullable(),
    until: instant.nullable(),
    query: z.string().min(1).max(1_000).nullable(),
    reason: z.string().min(1).max(1_000),
    by: z.string(),
    at: instant,
  }),
)
export const HoldLifted = eventType(
  'HoldLifted',
  z.object({ hold: z.string(), reason: z.string().min(1).max(1_000), by: z.string(), at: instant }),
)

/** The most copies that one event purges. */
export const MOST_PURGED = 100

/**
 * These copies were expired and unheld, and are no longer kept. The mails are told one by one (`CopyPurged`); batches count from 1, and a
 * batch begins when every mail of the one before was told. `room`: the account was full and policy lets expired mail make room.
 */
export const Purged = eventType(
  'Purged',
  z.object({
    batch: z.number().int().positive(),
    because: z.enum(['retention', 'room']),
    policyVersion: z.number().int().nonnegative(),
    copies: z
      .array(
        z.object({
          mail: z.string(),
          role: copyRole,
          contentHash,
          size: z.number().int().nonnegative(),
          dueAt: instant,
          /** Until when it had to be kept, later lengthening included. */
          retainedUntil: instant,
        }),
      )
      .min(1)
      .max(MOST_PURGED),
    at: instant,
  }),
)

export const archiveEventTypes = [
  Subscribed,
  Unsubscribed,
  SubscriptionReverted,
  ArchiveQuotaSet,
  ArchiveQuotaReverted,
  RetentionSet,
  RetentionReverted,
  HoldPlaced,
  HoldLifted,
  Purged,
] as const
export type ArchiveEvent = EventOf<typeof archiveEventTypes>

export const archiveStream = (account: string): `archive-${string}` => `archive-${account.toLowerCase()}`
