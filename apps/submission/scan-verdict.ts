import type { Scanner } from '#domain/mail/events'
import { refusal, type Reply } from '#domain/message/reply'
import type { SubmissionPolicy } from '#domain/policy/documents'
import type { ScanOutcome } from '#infra/antivirus/port'

type Unscannable = Extract<ScanOutcome, { outcome: 'unscannable' }>

export type ScanVerdict =
  | { readonly kind: 'clean'; readonly scanner: Scanner }
  /** Policy takes what can't be looked into. */
  | { readonly kind: 'unscannable'; readonly scanner: Scanner; readonly findings: Unscannable['findings'] }
  | { readonly kind: 'refused'; readonly reply: Reply; readonly check: string; readonly detail: string }

const MOST_NAMED = 10
const LONGEST_NAME = 100

/** What the scan means for a mail that has had no answer yet. */
export const scanVerdict = (outcome: ScanOutcome, policy: Pick<SubmissionPolicy, 'unscannable'>): ScanVerdict => {
  switch (outcome.outcome) {
    case 'clean':
      return { kind: 'clean', scanner: outcome.scanner }
    case 'infected': {
      const names = [...new Set(outcome.viruses.map(({ name }) => short(name)))].slice(0, MOST_NAMED).join(', ')
      const parts = outcome.viruses
        .slice(0, MOST_NAMED)
        .map(({ name, part }) => `${short(name)} in ${short(part) || 'the message'}`)
      return {
        kind: 'refused',
        reply: refusal(554, '5.7.1', `Your mail has a virus and was not sent: ${names}`),
        check: 'virus',
        detail: `${outcome.scanner.name}: ${parts.join('; ')}`,
      }
    }
    case 'unavailable':
      return {
        kind: 'refused',
        reply: refusal(451, '4.3.0', 'No virus scanner can look at your mail now, try again later'),
        check: 'scanner-away',
        detail: `${outcome.scanner.name}: ${outcome.reason}`,
      }
    case 'unscannable': {
      const { scanner, findings } = outcome
      const rejected = findings.find(({ kind }) => policy.unscannable[kind] === 'reject')
      if (rejected === undefined)
        return {
          kind: 'unscannable',
          scanner,
          findings: findings
            .slice(0, MOST_NAMED)
            .map(({ kind, part, detail }) => ({ kind, part: short(part), detail: short(detail) })),
        }
      const where = rejected.part === '' ? 'the message' : short(rejected.part)
      return {
        kind: 'refused',
        reply: refusal(
          554,
          '5.7.1',
          `Your mail can not be scanned for viruses (${rejected.kind}: ${where}) and was not sent`,
        ),
        check: `unscannable-${rejected.kind}`,
        detail: `${rejected.kind} ${where}: ${short(rejected.detail)}`,
      }
    }
  }
}

const short = (text: string): string => (text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME - 1)}\u2026` : text)
