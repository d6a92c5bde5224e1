import { Declined } from '../kernel/decider.ts'
import type { Instant } from '../kernel/instant.ts'
import type { MailCommand, ScanReport } from './commands.ts'
import type { MailEvent, QuarantineReason } from './events.ts'
import { isUndecided, type Mail, type RecipientState } from './state.ts'

type Command<Kind extends MailCommand['kind']> = Extract<MailCommand, { kind: Kind }>
type Unscannable = Extract<ScanReport, { outcome: 'unscannable' }>

/**
 * The scan that comes first (design.md §1.3). Nothing unscanned is ever clean: with no answer the mail waits, after `giveUpAt` it is held
 * while it waits on, and goes on by itself when a scanner answers at last.
 */
export const recordScan = (mail: Mail, { report, now, expiresAt }: Command<'record-scan'>): readonly MailEvent[] => {
  if (mail.scan.is !== 'owed') return []
  const { attempts, dueAt, gaveUp } = mail.scan
  switch (report.outcome) {
    case 'clean':
      return [{ type: 'ScanCleared', data: { scanner: report.scanner } }, ...goOn(mail, report, now)]
    case 'infected':
      return [virusDetected(report), ...holdAll(mail, 'virus', virusNames(report), expiresAt)]
    case 'unavailable': {
      if (dueAt !== null && report.dueAt <= dueAt) return []
      const deferred = scanDeferred(report, attempts + 1)
      if (gaveUp || report.giveUpAt === undefined || now < report.giveUpAt) return [deferred]
      const finding = { kind: 'unavailable', part: '', detail: report.reason } as const
      return [
        deferred,
        ...giveUp(mail, { outcome: 'unscannable', scanner: null, findings: [finding], treatment: 'hold' }, expiresAt),
      ]
    }
    case 'unscannable': {
      if (isUnavailable(report)) return gaveUp ? [] : giveUp(mail, report, expiresAt)
      switch (report.treatment) {
        case 'score':
          return [foundUnscannable(report), ...goOn(mail, report, now)]
        case 'hold':
          return [foundUnscannable(report), ...holdAll(mail, 'unscannable', kindsOf(report), expiresAt)]
        case 'infected':
          return [foundUnscannable(report), ...holdAll(mail, 'virus', kindsOf(report), expiresAt)]
      }
    }
  }
}

/** The scan before a release: answers every open request (design.md §1.10). Recipients that are on their way already stay so. */
export const recordReleaseScan = (
  mail: Mail,
  { report, now }: Command<'record-release-scan'>,
): readonly MailEvent[] | Declined => {
  if (mail.scan.is === 'owed') return new Declined('conflict', 'this mail is still owed its first scan: record-scan')
  const open = mail.recipients.filter(hasOpenRelease)
  if (open.length === 0) return []
  switch (report.outcome) {
    case 'clean':
      return open.flatMap((recipient) => released(recipient, report.scanner, now))
    case 'infected':
      return [virusDetected(report), ...holdAll(mail, 'virus', virusNames(report), now)]
    case 'unavailable': {
      const { attempts, dueAt } = mail.releaseScan
      return dueAt !== null && report.dueAt <= dueAt ? [] : [scanDeferred(report, attempts + 1)]
    }
    case 'unscannable': {
      if (isUnavailable(report)) {
        return new Declined('invalid', 'a release that waits for a scanner is put off (unavailable), never given up')
      }
      const known = mail.scan.is === 'scored' || mail.scan.is === 'held'
      if (report.treatment === 'infected') {
        return [foundUnscannable(report), ...holdAll(mail, 'virus', kindsOf(report), now)]
      }
      // Who asks for what is known to be unscannable takes that upon themselves; news about it they get to read first.
      if (report.treatment === 'score' || known) {
        return [
          ...(known ? [] : [foundUnscannable(report)]),
          ...open.flatMap((recipient) => released(recipient, report.scanner, now)),
        ]
      }
      return [
        foundUnscannable(report),
        ...open.flatMap((recipient) => [
          quarantined(recipient, 'unscannable', kindsOf(report), now),
          refused(recipient, `it can't be scanned: ${kindsOf(report)}`),
        ]),
      ]
    }
  }
}

/** Released and cleared in one append. */
export const released = (
  { mailbox, release }: Pick<RecipientState, 'mailbox' | 'release'>,
  scanner: Extract<MailEvent, { type: 'Released' }>['data']['scanner'],
  at: Instant,
): readonly MailEvent[] =>
  release === null
    ? []
    : [
        { type: 'Released', data: { recipient: mailbox, ...release, scanner, at } },
        { type: 'Cleared', data: { recipient: mailbox, at } },
      ]

const hasOpenRelease = ({ state, release }: RecipientState): boolean => state === 'quarantined' && release !== null

const isUnavailable = ({ findings }: Unscannable): boolean => findings.some((finding) => finding.kind === 'unavailable')

/**
 * The scan rules nothing out. Inbound mail is judged next, a submission isn't. Who was held only for want of a scanner goes on where they
 * stood, or straight out where a release was asked for.
 */
const goOn = (
  mail: Mail,
  report: Extract<ScanReport, { outcome: 'clean' | 'unscannable' }>,
  now: Instant,
): readonly MailEvent[] =>
  mail.recipients.flatMap((recipient): readonly MailEvent[] => {
    const held = recipient.state === 'quarantined'
    if (held && recipient.release !== null) return released(recipient, report.scanner, now)
    if (!held && !isUndecided(recipient)) return []
    const data = { recipient: recipient.mailbox }
    return [
      ...(held ? [{ type: 'InspectionResumed', data } as const] : []),
      ...(mail.accepted.flow === 'inbound' ? [] : [{ type: 'Cleared', data: { ...data, at: now } } as const]),
    ]
  })

/** Everyone who has neither been cleared nor reached an end is held; open releases are refused. */
const holdAll = (mail: Mail, reason: QuarantineReason, detail: string, expiresAt: Instant): readonly MailEvent[] =>
  mail.recipients.flatMap((recipient): readonly MailEvent[] => {
    if (!isUndecided(recipient) && recipient.state !== 'quarantined') return []
    return [
      ...(recipient.state === 'quarantined' && recipient.reason === reason
        ? []
        : [quarantined(recipient, reason, detail, expiresAt)]),
      ...(hasOpenRelease(recipient) ? [refused(recipient, `the scan before the release found: ${detail}`)] : []),
    ]
  })

const giveUp = (mail: Mail, report: Unscannable, expiresAt: Instant): readonly MailEvent[] => [
  foundUnscannable({ ...report, scanner: null, treatment: 'hold' }),
  ...holdAll(mail, 'unscannable', 'no scanner answered', expiresAt),
]

const quarantined = (
  recipient: RecipientState,
  reason: QuarantineReason,
  detail: string,
  expiresAt: Instant,
): MailEvent => ({
  type: 'Quarantined',
  // What is held already keeps the end it was promised.
  data: { recipient: recipient.mailbox, reason, detail, expiresAt: recipient.expiresAt ?? expiresAt },
})

const refused = ({ mailbox }: RecipientState, reason: string): MailEvent => ({
  type: 'ReleaseRefused',
  data: { recipient: mailbox, reason },
})

const virusDetected = ({ viruses, scanner }: Extract<ScanReport, { outcome: 'infected' }>): MailEvent => ({
  type: 'VirusDetected',
  data: { viruses: [...viruses], scanner },
})

const foundUnscannable = ({ findings, treatment, scanner }: Unscannable): MailEvent => ({
  type: 'FoundUnscannable',
  data: { findings: [...findings], treatment, scanner },
})

const scanDeferred = (report: Extract<ScanReport, { outcome: 'unavailable' }>, attempt: number): MailEvent => ({
  type: 'ScanDeferred',
  data: { scanner: report.scanner, reason: report.reason, attempt, dueAt: report.dueAt },
})

const virusNames = ({ viruses }: Extract<ScanReport, { outcome: 'infected' }>): string =>
  [...new Set(viruses.map((virus) => virus.name))].slice(0, 10).join(', ')

const kindsOf = ({ findings }: Unscannable): string => [...new Set(findings.map((finding) => finding.kind))].join(', ')
