import { performance } from 'node:perf_hooks'
import { isDeclined } from '#domain/kernel/decider'
import { domainOf } from '#domain/message/mailbox'
import { refusal, type Reply } from '#domain/message/reply'
import type { EdgeCheck } from '#domain/mail/events'
import { ContentStoreUnavailable } from '#infra/content-store/port'
import { summariseHeaders, type HeaderSummary } from '#infra/content-scan/summary'
import { LogUnavailable } from '#infra/event-log/port'
import type { MessageHeader, SmtpConnection, SmtpRefusal } from '#infra/smtp/port'
import type { Envelope } from './envelope.ts'
import { HeaderProblem } from '#domain/message/header-problem'
import { headerFields } from './header-fields.ts'
import { takeIn } from './intake.ts'
import { outgoingHeader } from './outgoing-header.ts'
import type { RefusedSubmission } from './record-refusal.ts'
import { scanVerdict, type ScanVerdict } from './scan-verdict.ts'
import { checkSender } from './sender-check.ts'
import type { SubmissionParts } from './submission-parts.ts'
import type { Identity } from './identity.ts'

export interface Submission {
  readonly identity: Identity
  readonly envelope: Envelope
  readonly connection: SmtpConnection
  /** Records it and answers what to throw. */
  readonly refuse: (refused: Omit<RefusedSubmission, 'stage' | 'recipients' | 'reversePath'>) => SmtpRefusal
}

/**
 * DATA of a submission: while it streams into the store its header is checked and, where it is small, it is scanned; then the day's quota is
 * reserved, `Accepted` is appended, and the answer is the 250 (design.md §3). Throws what refuses it, and then nothing is queued.
 */
export const acceptMail = async (
  parts: SubmissionParts,
  submission: Submission,
  message: AsyncIterable<Uint8Array>,
  header: MessageHeader,
): Promise<Reply> => {
  const { content, metrics, newMailId, policies } = parts
  const began = performance.now()
  const id = newMailId()
  const head = new Head(parts, submission, id)
  // The store copies what it reads.
  header.freeAsRead()
  const taken = await kept(parts, submission, () =>
    takeIn(message, header, { content, header: (block) => head.read(block), scan: parts.scan }),
  )
  const verdict = scanVerdict(await scanned(parts, taken.scanned), policies.current('submission').document)
  if (verdict.kind === 'refused') throw submission.refuse(verdict)
  await queue(parts, submission, { id, verdict, ...taken, ...head.found })
  metrics.accepted(performance.now() - began)
  return { code: 250, enhancedCode: '2.0.0', text: `Ok: ${id}` }
}

/** What the header said, and what becomes of it. */
class Head {
  readonly #parts: SubmissionParts
  readonly #submission: Submission
  readonly #id: string
  found: { readonly summary: HeaderSummary; readonly checks: EdgeCheck[] } = { summary: NOTHING, checks: [] }

  constructor(parts: SubmissionParts, submission: Submission, id: string) {
    this.#parts = parts
    this.#submission = submission
    this.#id = id
  }

  /** The header as it goes out; null: as it came. Throws what refuses it. */
  read(block: Buffer): Buffer | null {
    const { clock, hostedDomains } = this.#parts
    const { envelope, identity, refuse } = this.#submission
    const { address: account } = identity
    try {
      const fields = headerFields(block)
      const finding = checkSender(block, fields, {
        account,
        owns: (address) => identity.owns(address),
        isHosted: (domain) => hostedDomains.current(domain) !== null,
        spoofing: hostedDomains.current(domainOf(account))?.spoofing ?? 'reject',
        smtputf8: envelope.parameters.smtputf8,
      })
      if (finding.kind === 'refused')
        throw refuse({
          reply: refusal(550, '5.7.1', `You can not send as that: ${finding.why}`),
          check: 'from-spoofed',
        })
      const rewrites = finding.kind === 'to-be-rewritten'
      const changed = outgoingHeader(block, fields, {
        now: clock(),
        newMessageId: `${this.#id.toLowerCase()}@${domainOf(account)}`,
        rewriteFrom: rewrites ? { address: account, name: identity.account.displayName } : null,
      })
      this.found = {
        summary: summariseHeaders(changed ?? block),
        checks:
          finding.kind === 'own'
            ? []
            : [
                {
                  check: 'spoofing',
                  result: 'fail',
                  detail: `<${finding.foreign}> in ${finding.field}${rewrites ? ', rewritten' : ''}`.slice(0, 500),
                },
              ],
      }
      return changed
    } catch (error) {
      if (!(error instanceof HeaderProblem)) throw error
      const reply = refusal(550, '5.7.1', `Who your mail is from can not be told for certain: ${error.message}`)
      throw refuse({ reply, check: 'from-malformed' })
    }
  }
}

const NOTHING: HeaderSummary = { from: null, addresses: [], subject: null, messageId: null }

const scanned = async (
  { logger }: SubmissionParts,
  scan: ReturnType<SubmissionParts['scan']>,
): ReturnType<SubmissionParts['scan']> => {
  try {
    return await scan
  } catch (error) {
    logger.error({ err: error }, 'a submission could not be scanned')
    const reason = error instanceof Error ? error.message : String(error)
    return { outcome: 'unavailable', scanner: { name: 'scanner' }, reason }
  }
}

interface ToQueue {
  readonly id: string
  readonly verdict: Exclude<ScanVerdict, { kind: 'refused' }>
  readonly original: { readonly hash: string; readonly size: number }
  readonly outgoing: { readonly hash: string; readonly size: number } | null
  readonly summary: HeaderSummary
  readonly checks: EdgeCheck[]
}

const queue = async (
  parts: SubmissionParts,
  submission: Submission,
  { id, verdict, original, outgoing, summary, checks }: ToQueue,
): Promise<void> => {
  const { clock, commands, hostname, quota } = parts
  const { identity, connection, envelope, refuse } = submission
  const { address: account } = identity
  const now = clock()
  const reserved = await kept(parts, submission, () =>
    quota.reserve({ account: identity.account, mail: id, recipients: envelope.counted, now }),
  )
  if (reserved.kind === 'over')
    throw refuse({
      reply: refusal(
        550,
        '5.7.0',
        `Over your limit of ${reserved.quota} ${reserved.limit} a day; you can send again from ${timeText(reserved.resetsAt)}`,
      ),
      check: 'daily-quota',
    })
  const { ret, envid, smtputf8 } = envelope.parameters
  const accept = () =>
    commands.mail(
      id,
      {
        kind: 'accept',
        mail: {
          flow: 'submission',
          acceptedAt: now,
          client: { address: connection.remoteAddress, name: null, helo: connection.helo },
          reversePath: envelope.reversePath,
          recipients: [...envelope.recipients],
          contentHash: original.hash,
          size: original.size,
          headerFrom: summary.from,
          headerAddresses: [...summary.addresses],
          subject: summary.subject,
          messageId: summary.messageId,
          protocol: protocolOf(connection, smtputf8),
          tls: connection.tls === null ? null : `${connection.tls.version} ${connection.tls.cipher}`,
          hostname,
          smtputf8,
          account,
          checks,
          ...(outgoing === null ? {} : { outgoing: { contentHash: outgoing.hash, size: outgoing.size } }),
          ...(ret === undefined && envid === undefined ? {} : { dsn: { ret: ret ?? null, envid: envid ?? null } }),
        },
        scanner: verdict.scanner,
        ...(verdict.kind === 'unscannable' ? { unscannable: verdict.findings } : {}),
      },
      { actor: { kind: 'account', address: account }, now, commandId: id, correlationId: id, newStream: true },
    )
  try {
    const accepted = await kept(parts, submission, accept)
    if (isDeclined(accepted)) throw new Error(`mail ${id} was declined: ${accepted.reason}`)
  } catch (error) {
    try {
      await reserved.giveBack(clock())
    } catch (failure) {
      // Its place in the day's quota is lost: the account may send one less, never one more.
      parts.logger.warn({ err: failure, account, mail: id }, 'a reservation could not be given back')
    }
    throw error
  }
}

/** RFC 3848, RFC 6531 3.7.3: who authenticated spoke ESMTP. */
const protocolOf = ({ tls }: SmtpConnection, smtputf8: boolean): string =>
  `${smtputf8 ? 'UTF8SMTP' : 'ESMTP'}${tls === null ? '' : 'S'}A`

/** What can't be kept now is no fault of the mail: the client comes again (design.md §1.2). */
const kept = async <Result>(
  { logger }: SubmissionParts,
  { identity, refuse }: Submission,
  keep: () => Promise<Result>,
): Promise<Result> => {
  try {
    return await keep()
  } catch (error) {
    if (!(error instanceof ContentStoreUnavailable || error instanceof LogUnavailable)) throw error
    logger.error({ err: error, account: identity.address }, 'a submission could not be kept')
    throw refuse({ reply: refusal(451, '4.3.0', 'Your mail can not be kept now, try again later'), check: 'storage' })
  }
}

const timeText = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
