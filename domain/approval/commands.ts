import type { Asker } from '../account/asker.ts'
import type { Instant } from '../kernel/instant.ts'
import type { ApprovalSubject } from './events.ts'

export type ApprovalCommand =
  | {
      readonly kind: 'request-approval'
      readonly subject: ApprovalSubject
      readonly asker: Asker
      readonly now: Instant
      /** Administrators there are now: where there is but one, it takes effect by itself after `delay` milliseconds. */
      readonly numberOfAdmins: number
      readonly delay: number
    }
  | { readonly kind: 'approve'; readonly asker: Asker }
  | { readonly kind: 'refuse'; readonly asker: Asker; readonly reason: string | null }
  /** `isEffective` by now, and its subject was carried out as `system` with `approved: true`: the change first, so that a crash in between repeats it. */
  | { readonly kind: 'apply'; readonly now: Instant }
