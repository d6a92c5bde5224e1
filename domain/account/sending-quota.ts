import { z } from 'zod'

/** Of one account: mails and recipients per day, local recipients included. */
export const sendingQuota = z.object({
  mailsPerDay: z.number().int().nonnegative(),
  recipientsPerDay: z.number().int().nonnegative(),
})
export type SendingQuota = z.output<typeof sendingQuota>

export const sameQuota = (one: SendingQuota | null, other: SendingQuota | null): boolean =>
  one?.mailsPerDay === other?.mailsPerDay && one?.recipientsPerDay === other?.recipientsPerDay
