import type { SendingQuota } from '../account/sending-quota.ts'
import type { Instant } from '../kernel/instant.ts'

/** Commands of one day of one account. `quota` is the account's own, without what was raised for the day. */
export type SendingCommand =
  | {
      readonly kind: 'reserve'
      readonly mail: string
      readonly recipients: number
      readonly quota: SendingQuota
      /** When the day ends. */
      readonly resetsAt: Instant
      readonly now: Instant
    }
  | { readonly kind: 'give-back'; readonly mail: string; readonly recipients: number; readonly now: Instant }
  | {
      readonly kind: 'raise'
      /** Absent: as it is. */
      readonly mailsPerDay?: number | undefined
      readonly recipientsPerDay?: number | undefined
      readonly quota: SendingQuota
      readonly by: string
      readonly now: Instant
    }
