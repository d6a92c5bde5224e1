import type { MailCommand, ScanReport, Verdict } from '#domain/mail/commands'
import type { Flow, Recipient } from '#domain/mail/events'
import { DAY, MINUTE } from '#domain/kernel/instant'
import type { Reply } from '#domain/message/reply'

/** Values for specs about a mail: ann and ben of example.org get one from sender@example.net. */
export const AT = 1_767_225_600_000
export const HASH = 'a'.repeat(64)
export const EVIDENCE = 'e'.repeat(64)
export const EXPIRES = AT + 30 * DAY
export const ANN = 'ann@example.org'
export const BEN = 'ben@example.org'
export const scanner = { name: 'clamd', version: '1.4.3', database: '27001' }
const retry = { delays: [MINUTE, 5 * MINUTE], expireAfter: 5 * DAY }

export const recipients = (...mailboxes: readonly string[]): Recipient[] =>
  mailboxes.map((mailbox) => ({ address: mailbox, mailbox, route: 'mailbox' }))

type Accept = Extract<MailCommand, { kind: 'accept' }>

export const accept = (
  to: readonly Recipient[] = recipients(ANN, BEN),
  flow: Flow = 'inbound',
  changes: Partial<Accept['mail']> = {},
): Accept => ({
  kind: 'accept',
  mail: {
    flow,
    acceptedAt: AT,
    client: { address: '192.0.2.1', name: null, helo: 'mail.example.net' },
    reversePath: 'sender@example.net',
    recipients: [...to],
    contentHash: HASH,
    size: 4_096,
    headerFrom: { address: 'sender@example.net', name: 'Sender' },
    headerAddresses: ['sender@example.net'],
    subject: 'Hello',
    messageId: '<1@example.net>',
    protocol: 'ESMTP',
    tls: null,
    hostname: 'mx.example.org',
    smtputf8: false,
    account: null,
    checks: [],
    ...changes,
  },
})

export const clean: ScanReport = { outcome: 'clean', scanner }
export const infected: ScanReport = {
  outcome: 'infected',
  scanner,
  viruses: [{ name: 'Eicar-Test-Signature', part: 'eicar.com' }],
}
export const unscannable = (
  treatment: 'hold' | 'score' | 'infected',
  kind: 'encrypted' | 'malformed' | 'unavailable' = 'malformed',
): ScanReport => ({
  outcome: 'unscannable',
  scanner: kind === 'unavailable' ? null : scanner,
  findings: [{ kind, part: 'a.zip', detail: 'why' }],
  treatment,
})
export const unavailable = (dueAt: number, giveUpAt?: number): ScanReport => ({
  outcome: 'unavailable',
  scanner: 'clamd',
  reason: 'connection refused',
  dueAt,
  ...(giveUpAt === undefined ? {} : { giveUpAt }),
})

export const recordScan = (report: ScanReport, now = AT): MailCommand => ({
  kind: 'record-scan',
  report,
  now,
  expiresAt: EXPIRES,
})
export const recordReleaseScan = (report: ScanReport, now = AT): MailCommand => ({
  kind: 'record-release-scan',
  report,
  now,
})

export const scored = (recipient: string, score: number): Verdict => ({
  recipient,
  verdict: 'scored',
  score,
  threshold: 5,
  detail: `score ${score}`,
})

export const authentication = {
  results: {
    spf: { result: 'pass', domain: 'example.net', aligned: true, explanation: null },
    dkim: [],
    dmarc: { result: 'none', domain: 'example.net', policy: null, explanation: null },
    arc: { result: 'none', instances: 0, explanation: null },
  },
  evidence: EVIDENCE,
  header: 'mx.example.org; spf=pass',
} as const

export const symbols = [{ name: 'SUBJECT_CAPS', weight: 1.5, description: 'The subject shouts' }]

export const judge = (...verdicts: readonly Verdict[]): MailCommand => ({
  kind: 'judge',
  authentication: { ...authentication, results: { ...authentication.results, dkim: [] } },
  symbols,
  policyVersion: 1,
  evidence: EVIDENCE,
  verdicts,
  now: AT,
  expiresAt: EXPIRES,
})

export const requestRelease = (
  recipient: string,
  changes: Partial<Extract<MailCommand, { kind: 'request-release' }>> = {},
): MailCommand => ({
  kind: 'request-release',
  recipient,
  by: recipient,
  trustSender: false,
  reason: null,
  privileged: false,
  now: AT,
  ...changes,
})

export const ok = { code: 250, enhancedCode: '2.0.0', text: 'Delivered' }
export const tryLater = { code: 451, enhancedCode: '4.3.0', text: 'Try again later' }
export const never = { code: 550, enhancedCode: '5.1.1', text: 'No such user' }

export const recordDelivery = (recipient: string, reply: Reply = ok, attempt = 1, now = AT): MailCommand => ({
  kind: 'record-delivery',
  recipient,
  host: 'maildir',
  attempt,
  reply,
  now,
  retry,
})

/** What came to them, for ever, since `AT`. */
export const archive = (
  account: string,
  changes: Partial<Extract<MailCommand, { kind: 'archive' }>['copies'][number]> = {},
): MailCommand => ({
  kind: 'archive',
  copies: [{ account, role: 'received', dueAt: AT, retainUntil: null, held: false, to: [], ...changes }],
})
