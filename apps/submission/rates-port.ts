import type { Instant } from '#domain/kernel/instant'
import type { Address } from '#domain/message/mailbox'

export type Counted = 'connections' | 'mails' | 'recipients'

/** Sliding windows per account and per client address. */
export interface Rates {
  /** Counts one, unless that is over: then when there is room again. */
  take(
    counted: Counted,
    by: { readonly account: Address; readonly clientAddress: string },
    now: Instant,
  ): { readonly kind: 'within' } | { readonly kind: 'over'; readonly limit: string; readonly freeAt: Instant }
}
