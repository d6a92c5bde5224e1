import type { Instant } from '#domain/kernel/instant'
import type { ScanReport } from '#domain/mail/commands'
import type { InspectionPolicy } from '#domain/policy/documents'
import type { ScanOutcome } from '#infra/antivirus/port'

type Unscannable = Extract<ScanOutcome, { outcome: 'unscannable' }>
type UnscannableKind = Unscannable['findings'][number]['kind']

/** As many as an event tells; what is beyond adds nothing to the verdict. */
const MAX_NAMED = 20
const MAX_TEXT = 300

/** What the scanner said together with what policy makes of it, in the bounds of one event. */
export const reportOf = (
  outcome: ScanOutcome,
  policy: Pick<InspectionPolicy, 'scan' | 'unscannable'>,
  { acceptedAt, attempt, now }: { readonly acceptedAt: Instant; readonly attempt: number; readonly now: Instant },
): ScanReport => {
  switch (outcome.outcome) {
    case 'clean':
      return outcome
    case 'infected':
      return {
        ...outcome,
        viruses: outcome.viruses
          .slice(0, MAX_NAMED)
          .map(({ name, part }) => ({ name: short(name), part: short(part) })),
      }
    case 'unscannable':
      return {
        ...outcome,
        findings: named(outcome.findings),
        treatment: treatmentOf(
          outcome.findings.map(({ kind }) => kind),
          policy,
        ),
      }
    case 'unavailable': {
      const { retryDelays, giveUpAfter } = policy.scan
      const delay = retryDelays[Math.min(attempt, retryDelays.length) - 1] ?? retryDelays[0]!
      return {
        outcome: 'unavailable',
        scanner: outcome.scanner.name,
        reason: short(outcome.reason),
        dueAt: now + delay,
        giveUpAt: acceptedAt + giveUpAfter,
      }
    }
  }
}

/** The gravest treatment of what was found: one part that policy holds makes the whole mail wait. */
const treatmentOf = (
  kinds: readonly UnscannableKind[],
  policy: Pick<InspectionPolicy, 'unscannable'>,
): 'hold' | 'score' | 'infected' => {
  const treatments = kinds.map((kind) => policy.unscannable[kind])
  return treatments.includes('infected') ? 'infected' : treatments.includes('hold') ? 'hold' : 'score'
}

/** The first of each kind before more of the same: every kind counts in the score. */
const named = (findings: Unscannable['findings']): Unscannable['findings'] => {
  const firsts = findings.filter((one, at) => findings.findIndex(({ kind }) => kind === one.kind) === at)
  const others = findings.filter((one) => !firsts.includes(one))
  return [...firsts, ...others]
    .slice(0, MAX_NAMED)
    .map(({ kind, part, detail }) => ({ kind, part: short(part), detail: short(detail) }))
}

const short = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}\u2026` : text)
