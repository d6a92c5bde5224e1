import { z } from 'zod'
import { address } from '../message/mailbox.ts'

const count = z.number().int().nonnegative()

/** What flips: `toHeld` was delivered and would be held, `toDelivered` the other way, `toRefused` would not have been accepted. */
const flips = { toHeld: count, toDelivered: count, toRefused: count }

/** Of the flips: `released` would be delivered, and its user had it released; `reported` would be held or refused, and its user has blocked the sender since. */
const said = { released: count, reported: count }

export const recipientTally = z.object({
  recipient: address,
  ...flips,
  ...said,
  /** Mails that flip, the first of them. */
  examples: z.array(z.string()),
})
export type RecipientTally = z.output<typeof recipientTally>

/** What another policy would have made of a part of history. */
export const tally = z.object({
  /** Looked at so far. */
  mails: count,
  /** Verdicts: one for each recipient of each mail. */
  verdicts: count,
  unchanged: count,
  ...flips,
  /** What was recorded doesn't say what would have come of them. */
  unknown: count,
  ...said,
  /** Why it doesn't: sentence -> how many. */
  unknownWhy: z.record(z.string(), count),
  /** Who has flips, in the order in which they were found. */
  recipients: z.array(recipientTally),
  /** Flips of recipients beyond those. */
  more: count,
})
export type Tally = z.output<typeof tally>

export type Outcome = 'delivered' | 'held' | 'refused'

/** One recipient of one mail: what came of it, and what would have. */
export interface Compared {
  readonly recipient: string
  readonly before: Exclude<Outcome, 'refused'>
  /** A sentence: why that is not known. */
  readonly under: Outcome | { readonly unknown: string }
  /** Its user had it released; has blocked its sender since. */
  readonly released: boolean
  readonly reported: boolean
}

const MAX_RECIPIENTS = 2_000
const MAX_EXAMPLES = 5
const MAX_REASONS = 50

export const emptyTally: Tally = {
  mails: 0,
  verdicts: 0,
  unchanged: 0,
  toHeld: 0,
  toDelivered: 0,
  toRefused: 0,
  unknown: 0,
  released: 0,
  reported: 0,
  unknownWhy: {},
  recipients: [],
  more: 0,
}

/** With one more mail. */
export const counted = (before: Tally, mail: string, compared: readonly Compared[]): Tally =>
  compared.reduce((sum, one) => withVerdict(sum, mail, one), { ...before, mails: before.mails + 1 })

const withVerdict = (before: Tally, mail: string, { recipient, under, ...one }: Compared): Tally => {
  const sum = { ...before, verdicts: before.verdicts + 1 }
  if (typeof under !== 'string')
    return { ...sum, unknown: sum.unknown + 1, unknownWhy: because(sum.unknownWhy, under.unknown) }
  if (under === one.before) return { ...sum, unchanged: sum.unchanged + 1 }
  const flip = {
    toHeld: under === 'held' ? 1 : 0,
    toDelivered: under === 'delivered' ? 1 : 0,
    toRefused: under === 'refused' ? 1 : 0,
    released: under === 'delivered' && one.released ? 1 : 0,
    reported: under !== 'delivered' && one.reported ? 1 : 0,
  }
  const place = sum.recipients.findIndex((known) => known.recipient === recipient)
  const known = sum.recipients[place] ?? { recipient, ...NOTHING, examples: [] }
  const changed: RecipientTally = {
    ...added(known, flip),
    examples: known.examples.length < MAX_EXAMPLES ? [...known.examples, mail] : known.examples,
  }
  if (place === -1 && sum.recipients.length >= MAX_RECIPIENTS) return { ...added(sum, flip), more: sum.more + 1 }
  return {
    ...added(sum, flip),
    recipients: place === -1 ? [...sum.recipients, changed] : sum.recipients.with(place, changed),
  }
}

const NOTHING = { toHeld: 0, toDelivered: 0, toRefused: 0, released: 0, reported: 0 }

const added = <Sum extends typeof NOTHING>(sum: Sum, flip: typeof NOTHING): Sum => ({
  ...sum,
  toHeld: sum.toHeld + flip.toHeld,
  toDelivered: sum.toDelivered + flip.toDelivered,
  toRefused: sum.toRefused + flip.toRefused,
  released: sum.released + flip.released,
  reported: sum.reported + flip.reported,
})

const because = (reasons: Tally['unknownWhy'], why: string): Tally['unknownWhy'] => {
  const key = Object.hasOwn(reasons, why) || Object.keys(reasons).length < MAX_REASONS ? why : 'Something else.'
  return { ...reasons, [key]: (Object.hasOwn(reasons, key) ? (reasons[key] ?? 0) : 0) + 1 }
}
