import { z } from 'zod'

/** Digests a day at most. */
export const MOST_DIGESTS = 24

/** When an account gets its digest; the times are those of its own zone. */
export const digestWishes = z.object({
  /** `HH:MM`, in order; none: no digest. */
  times: z.array(z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 08:00')).max(MOST_DIGESTS),
  days: z.enum(['every-day', 'weekdays']),
  /** `traffic`: when anything came, was sent or was held; `held`: only when mail is held. */
  when: z.enum(['traffic', 'held']),
})
export type DigestWishes = z.output<typeof digestWishes>
