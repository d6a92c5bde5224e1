import { z } from 'zod'
import { eventType, unchanged, type EventOf } from '../kernel/event-type.ts'
import { instant } from '../kernel/instant.ts'
import { sealed } from '../kernel/sealed.ts'
import { address } from '../message/mailbox.ts'
import { role } from '../account/events.ts'

/*
 * Events of what waits for a second person, stream `approval-<id>`: granting (or taking) the role `compliance`, setting an officer's password,
 * looking through or exporting the archive where policy wants four eyes.
 * THESE NAMES AND SHAPES ARE THE STORAGE FORMAT.
 */

/** `account`: the officer who asks. What they may look for until then; `accounts` null: in all; `query` null: for everything. */
const archiveAccess = {
  account: address,
  accounts: z.array(address).min(1).max(1_000).nullable(),
  query: z.string().max(4_000).nullable(),
  reason: z.string().min(1).max(1_000),
  until: instant,
}

/** What will be done to `account` once approved, or what it may do. */
export const approvalSubject = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('roles'), account: address, roles: z.array(role) }),
  z.object({ kind: z.literal('password'), account: address, hash: sealed }),
  z.object({ kind: z.literal('archive-search'), ...archiveAccess }),
  z.object({ kind: z.literal('archive-export'), ...archiveAccess }),
])
export type ApprovalSubject = z.output<typeof approvalSubject>

/** `dueAt`: when it takes effect by itself, where there is but one administrator (24 h, the officer told); else null. */
export const ApprovalRequested = eventType(
  'ApprovalRequested',
  z.object({ subject: approvalSubject, by: address, dueAt: instant.nullable() }),
  // Version 2 knows two more subjects.
  { version: 2, upcasts: { 1: unchanged } },
)
export const Approved = eventType('Approved', z.object({ by: z.string() }))
export const ApprovalRefused = eventType('ApprovalRefused', z.object({ by: z.string(), reason: z.string().nullable() }))
/** The change was carried out. */
export const ApprovalApplied = eventType('ApprovalApplied', z.object({}))

export const approvalEventTypes = [ApprovalRequested, Approved, ApprovalRefused, ApprovalApplied] as const
export type ApprovalEvent = EventOf<typeof approvalEventTypes>

export const approvalStream = (id: string): `approval-${string}` => `approval-${id}`
