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
