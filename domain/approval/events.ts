import { z } from 'zod'
import { eventType, type EventOf } from '../kernel/event-type.ts'
import { instant } from '../kernel/instant.ts'
import { sealed } from '../kernel/sealed.ts'
import { address } from '../message/mailbox.ts'
import { role } from '../account/events.ts'

/*
 * Events of what waits for a second person, stream `approval-<id>`: granting (or taking) the role `compliance`, setting an officer's password.
 * THESE NAMES AND SHAPES ARE THE STORAGE FORMAT.
 */

/** What will be done to `account` once approved. */
export const approvalSubject = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('roles'), account: address, roles: z.array(role) }),
  z.object({ kind: z.literal('password'), account: address, hash: sealed }),
])
export type ApprovalSubject = z.output<typeof approvalSubject>

/** `dueAt`: when it takes effect by itself, where there is but one administrator (24 h, the officer told); else null. */
export const ApprovalRequested = eventType(
  'ApprovalRequested',
  z.object({ subject: approvalSubject, by: address, dueAt: instant.nullable() }),
)
export const Approved = eventType('Approved', z.object({ by: z.string() }))
export const ApprovalRefused = eventType('ApprovalRefused', z.object({ by: z.string(), reason: z.string().nullable() }))
/** The change was carried out. */
export const ApprovalApplied = eventType('ApprovalApplied', z.object({}))

export const approvalEventTypes = [ApprovalRequested, Approved, ApprovalRefused, ApprovalApplied] as const
export type ApprovalEvent = EventOf<typeof approvalEventTypes>

export const approvalStream = (id: string): `approval-${string}` => `approval-${id}`
