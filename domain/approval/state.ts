import type { Instant } from '../kernel/instant.ts'
import type { ApprovalSubject } from './events.ts'

export interface Approval {
  readonly subject: ApprovalSubject
  readonly by: string
  /** When it takes effect by itself; null: never. */
  readonly dueAt: Instant | null
  readonly state: 'waiting' | 'approved' | 'refused' | 'applied'
}

export type ApprovalState = Approval | null

/** Approved by a second person, or waiting until its time has come. */
export const isEffective = ({ state, dueAt }: Approval, now: Instant): boolean =>
  state === 'approved' || (state === 'waiting' && dueAt !== null && dueAt <= now)
