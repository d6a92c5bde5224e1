import { Declined } from '../kernel/decider.ts'
import type { MailCommand, Verdict } from './commands.ts'
import type { MailEvent } from './events.ts'
import { isUndecided, type Mail } from './state.ts'

/**
 * The verdicts, per recipient, in one append (design.md §1.4 to §1.7): Authenticated, who is on a list, one Scored for those who were
 * judged, and each one's disposition.
 */
export const judge = (
  mail: Mail,
  command: Extract<MailCommand, { kind: 'judge' }>,
): readonly MailEvent[] | Declined => {
  if (mail.judged) return []
  if (mail.scan.is === 'owed') return new Declined('conflict', 'this mail has not been scanned yet')
  const problem = problemWith(mail, command.verdicts)
  if (problem !== null) return new Declined('invalid', problem)
  const undecided = new Set(mail.recipients.filter(isUndecided).map((recipient) => recipient.mailbox))
  const verdicts = command.verdicts.filter((verdict) => undecided.has(verdict.recipient))
  if (verdicts.length === 0) return []

  const { now, expiresAt } = command
  const scored = verdicts.flatMap((verdict) =>
    verdict.verdict === 'scored'
      ? [{ recipient: verdict.recipient, score: verdict.score, threshold: verdict.threshold }]
      : [],
  )
  const { results, evidence, header } = command.authentication
  const scoredOnce: MailEvent = {
    type: 'Scored',
    data: {
      symbols: [...command.symbols],
      policyVersion: command.policyVersion,
      evidence: command.evidence,
      recipients: scored,
    },
  }
  return [
    { type: 'Authenticated', data: { results, evidence, header } },
    ...verdicts.flatMap((verdict) => settled(verdict, now, expiresAt)),
    ...(scored.length === 0 ? [] : [scoredOnce]),
    ...verdicts.flatMap((verdict) => disposed(verdict, now, expiresAt)),
  ]
}

/** What needs no score. */
const settled = (verdict: Verdict, at: number, expiresAt: number): readonly MailEvent[] => {
  const { recipient } = verdict
  switch (verdict.verdict) {
    case 'whitelisted':
      return [
        { type: 'Whitelisted', data: { recipient, entry: verdict.entry, list: verdict.list } },
        { type: 'Cleared', data: { recipient, at } },
      ]
    case 'blacklisted':
      return [
        { type: 'Blacklisted', data: { recipient, entry: verdict.entry, list: verdict.list } },
        { type: 'Quarantined', data: { recipient, reason: 'block-list', detail: verdict.entry, expiresAt } },
      ]
    case 'attachment':
      return [{ type: 'Quarantined', data: { recipient, reason: 'attachment', detail: verdict.detail, expiresAt } }]
    case 'exempt':
      return [{ type: 'Cleared', data: { recipient, at } }]
    case 'scored':
      return []
  }
}

const disposed = (verdict: Verdict, at: number, expiresAt: number): readonly MailEvent[] => {
  if (verdict.verdict !== 'scored') return []
  const { recipient, score, threshold, detail } = verdict
  return score >= threshold
    ? [{ type: 'Quarantined', data: { recipient, reason: 'spam', detail, expiresAt } }]
    : [{ type: 'Cleared', data: { recipient, at } }]
}

const problemWith = (mail: Mail, verdicts: readonly Verdict[]): string | null => {
  const named = new Set<string>()
  for (const verdict of verdicts) {
    if (named.has(verdict.recipient)) return `more than one verdict for ${verdict.recipient}`
    if (!mail.places.has(verdict.recipient)) return `${verdict.recipient} is no recipient of this mail`
    if (verdict.verdict === 'scored' && !(Number.isFinite(verdict.score) && Number.isFinite(verdict.threshold))) {
      return `the score for ${verdict.recipient} is no number`
    }
    named.add(verdict.recipient)
  }
  const missing = mail.recipients.find((recipient) => isUndecided(recipient) && !named.has(recipient.mailbox))
  return missing === undefined ? null : `no verdict for ${missing.mailbox}`
}
