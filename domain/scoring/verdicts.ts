import type { Verdict } from '../mail/commands.ts'
import type { Recipient } from '../mail/events.ts'
import type { SenderMatch } from '../mailbox/sender-pattern.ts'
import { localPartOf } from '../message/mailbox.ts'
import type { Score } from './score.ts'

/** What applies to one recipient: their list's match (or their domain's), whether the guard lets an allow entry count, their threshold. */
export interface RecipientCircumstances {
  readonly recipient: Recipient
  readonly match: (SenderMatch & { readonly owner: string }) | null
  readonly allowEntryApplies: boolean
  readonly threshold: number
}

/**
 * The order of design.md §1: postmaster is never judged; the allow list goes straight to the inbox, the block list straight to
 * quarantine; then the attachment policy; then the score. Pure: the same circumstances give the same verdict.
 */
export const verdictOf = (
  { recipient, match, allowEntryApplies, threshold }: RecipientCircumstances,
  blockedAttachments: readonly string[],
  { score }: Pick<Score, 'score'>,
): Verdict => {
  const { mailbox } = recipient
  if (isPostmaster(recipient.address)) return { recipient: mailbox, verdict: 'exempt' }
  if (match?.list === 'block')
    return { recipient: mailbox, verdict: 'blacklisted', entry: match.entry, list: match.owner }
  if (match?.list === 'allow' && allowEntryApplies)
    return { recipient: mailbox, verdict: 'whitelisted', entry: match.entry, list: match.owner }
  if (blockedAttachments.length > 0)
    return { recipient: mailbox, verdict: 'attachment', detail: blockedAttachments.join('; ').slice(0, 200) }
  return {
    recipient: mailbox,
    verdict: 'scored',
    score,
    threshold,
    detail: `score ${score.toFixed(1)} of ${threshold.toFixed(1)}`,
  }
}

/** RFC 5321 4.5.1: mail for the postmaster must get through. */
const isPostmaster = (address: string): boolean =>
  (address.includes('@') ? localPartOf(address) : address).toLowerCase() === 'postmaster'
