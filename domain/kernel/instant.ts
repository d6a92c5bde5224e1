import { z } from 'zod'

/** Milliseconds since 1970-01-01T00:00:00Z. The domain has no clock: every instant comes in as data. */
export type Instant = number
export const instant = z.number().int().nonnegative()

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
