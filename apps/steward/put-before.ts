import { HOUR } from '#domain/kernel/instant'

/** Longer than any mail is on its way from its bytes to its `Accepted`, or any evidence to its `Scored`. */
const ON_ITS_WAY = HOUR

/** Only what was put before this may go, however short the grace that policy gives: a sweep never races a writer. */
export const putBefore = (now: number, grace: number): number => now - Math.max(grace, ON_ITS_WAY)
