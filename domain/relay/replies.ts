import type { Reply } from '../message/reply.ts'

/**
 * What a reply to a relayed recipient means. `again-at-once`: this transaction was too large, the recipient goes into the next one.
 * `rests`: the whole destination wants to be left alone for a while. `reputation`: it is about who we are, not about this mail, and
 * somebody should look into it.
 */
export interface ReplyClass {
  readonly outcome: 'delivered' | 'deferred' | 'bounced' | 'again-at-once'
  readonly rests: boolean
  readonly reputation: boolean
}

/** One line of the table; what it does not say matches anything. The first line that matches counts. */
interface Line {
  /** First and last. */
  readonly codes: readonly [number, number]
  /** Subject and detail of the enhanced code (RFC 3463), without its class. */
  readonly detail?: readonly string[]
  /** Found in the text. */
  readonly words?: RegExp
  readonly is: ReplyClass
}

const plainly = (outcome: ReplyClass['outcome']): ReplyClass => ({ outcome, rests: false, reputation: false })

/** How replies speak of lists and of senders that are not trusted. Linear: nothing repeats. */
const ABOUT_US =
  /\b(?:block ?list|black ?list|deny ?list|dnsbl|rbl|spamhaus|spamcop|barracuda|sorbs|senderscore|poor reputation|bad reputation|low reputation|ip reputation|sender reputation|client host|has been blocked|is blocked|are blocked|banned)/i

const TABLE: readonly Line[] = [
  { codes: [200, 299], is: plainly('delivered') },
  // RFC 5321 4.5.3.1.10, RFC 3463: too many recipients; servers say it with 452 as with 552.
  { codes: [452, 452], detail: ['5.3'], is: plainly('again-at-once') },
  { codes: [552, 552], detail: ['5.3'], is: plainly('again-at-once') },
  // RFC 3463 2.2: full. Whose mailbox is full may make room.
  { codes: [452, 452], detail: ['2.2'], is: plainly('deferred') },
  { codes: [552, 552], detail: ['2.2'], is: plainly('deferred') },
  { codes: [421, 421], words: ABOUT_US, is: { outcome: 'deferred', rests: true, reputation: true } },
  { codes: [421, 421], is: { outcome: 'deferred', rests: true, reputation: false } },
  { codes: [400, 499], words: ABOUT_US, is: { outcome: 'deferred', rests: false, reputation: true } },
  { codes: [400, 499], is: plainly('deferred') },
  // RFC 7372, and what providers say of addresses without a name or with an unwelcome one.
  { codes: [500, 599], detail: ['7.25', '7.27'], is: { outcome: 'bounced', rests: false, reputation: true } },
  { codes: [500, 599], words: ABOUT_US, is: { outcome: 'bounced', rests: false, reputation: true } },
  { codes: [500, 599], is: plainly('bounced') },
]

/** A reply that no line knows (3yz where something final was due) settles nothing. */
export const classify = ({ code, enhancedCode, text }: Reply): ReplyClass => {
  const detail = enhancedCode?.slice(2) ?? ''
  const line = TABLE.find(
    ({ codes: [first, last], detail: details, words }) =>
      code >= first && code <= last && (details?.includes(detail) ?? true) && (words?.test(text) ?? true),
  )
  return line?.is ?? plainly('deferred')
}
