import type { SendingQuota } from '../account/sending-quota.ts'

/** A day of an account, folded: as small after 100,000 mails as after ten. */
export interface SendingState {
  readonly mails: number
  readonly recipients: number
  /** For this day; null: not raised. */
  readonly raised: { readonly mailsPerDay: number | null; readonly recipientsPerDay: number | null }
  /** Somebody was told. */
  readonly exceeded: boolean
  /** Ids of the mails reserved and given back last, oldest first: what is asked again yields nothing. */
  readonly reserved: readonly string[]
  readonly returned: readonly string[]
}

/** How many of the last mails are recognised when they are asked for again. */
export const RECENT = 64

export const nothingSent: SendingState = {
  mails: 0,
  recipients: 0,
  raised: { mailsPerDay: null, recipientsPerDay: null },
  exceeded: false,
  reserved: [],
  returned: [],
}

/** What holds on this day: the account's quota, or more where it was raised. */
export const quotaOfDay = (quota: SendingQuota, raised: SendingState['raised']): SendingQuota => ({
  mailsPerDay: Math.max(quota.mailsPerDay, raised.mailsPerDay ?? 0),
  recipientsPerDay: Math.max(quota.recipientsPerDay, raised.recipientsPerDay ?? 0),
})
