import { performance } from 'node:perf_hooks'
import { isDeclined } from '#domain/kernel/decider'
import type { Recipient } from '#domain/mail/events'
import type { Client } from '#domain/message/client'
import { formatReply, refusal, type Reply } from '#domain/message/reply'
import { ContentStoreUnavailable } from '#infra/content-store/port'
import { LogUnavailable } from '#infra/event-log/port'
import { summariseHeaders } from '#infra/content-scan/summary'
import {
  SmtpRefusal,
  type MailParameters,
  type MailSession,
  type MessageHeader,
  type SmtpConnection,
} from '#infra/smtp/port'
import type { EdgeChecks } from './edge-checks.ts'
import type { MxParts } from './mx-parts.ts'
import type { LookUp } from './recipients.ts'

/** Groups unfolded: what one append to the log can tell about all of them must stay under 1 MiB. */
const MAILBOXES_PER_MAIL = 2_000

interface Transaction {
  readonly reversePath: string | null
  readonly parameters: MailParameters
  readonly recipients: Map<string, Recipient>
}

/** One SMTP conversation with the Internet: who may send to whom, and the order content, `Accepted`, 250 (design.md §1). */
export class MxSession implements MailSession {
  readonly #parts: MxParts
  readonly connection: SmtpConnection
  /** Asked beside the conversation, needed when a mail is accepted. */
  readonly checks: EdgeChecks
  #transaction: Transaction | null = null

  constructor(parts: MxParts, connection: SmtpConnection, checks: EdgeChecks) {
    this.#parts = parts
    this.connection = connection
    this.checks = checks
  }

  async mail(reversePath: string | null, parameters: MailParameters): Promise<void> {
    const { policies, pressure } = this.#parts
    await policies.fresh()
    const limits = policies.current('edge').document.limits
    if (pressure.backlog() >= limits.backlog)
      throw this.#refuse(
        'mail',
        refusal(451, '4.3.2', 'Too much mail waits to be inspected here, try again later'),
        'backlog',
        reversePath,
      )
    if (pressure.freeBytes() < policies.current('storage').document.freeSpace / 4)
      throw this.#refuse(
        'mail',
        refusal(452, '4.3.1', 'Not enough space to keep your mail, try again later'),
        'disk',
        reversePath,
      )
    const failure = await this.checks.sentFrom(reversePath)
    if (failure !== null) throw this.#refuse('mail', failure.reply, failure.check, reversePath, null, failure.detail)
    this.#transaction = { reversePath, parameters, recipients: new Map() }
  }

  async rcpt(forwardPath: string): Promise<void> {
    const transaction = this.#open()
    const found = await this.#lookUp(forwardPath)
    switch (found.kind) {
      case 'unknown-domain':
        throw this.#refuse(
          'rcpt',
          refusal(550, '5.7.1', `Relaying denied: ${found.domain} is not a domain of this server`),
          'relay-denied',
          transaction.reversePath,
          forwardPath,
        )
      case 'unknown-recipient':
        throw this.#refuse(
          'rcpt',
          refusal(550, '5.1.1', `No mailbox here by the name of <${forwardPath}>`),
          'unknown-recipient',
          transaction.reversePath,
          forwardPath,
          found.reason ?? null,
        )
      case 'source-away':
        throw this.#refuse(
          'rcpt',
          refusal(451, '4.4.3', 'Who could say whether this mailbox exists does not answer, try again later'),
          'recipient-verification',
          transaction.reversePath,
          forwardPath,
          found.reason,
        )
      case 'unavailable':
        throw this.#refuse(
          'rcpt',
          refusal(451, '4.3.0', 'Recipients can not be looked up now, try again later'),
          'directory-unavailable',
          transaction.reversePath,
          forwardPath,
        )
      case 'mailboxes':
        if (found.recipients.length > MAILBOXES_PER_MAIL)
          throw this.#refuse(
            'rcpt',
            refusal(550, '5.2.4', `<${forwardPath}> stands for more than ${MAILBOXES_PER_MAIL} mailboxes`),
            'mailboxes-per-mail',
            transaction.reversePath,
            forwardPath,
          )
        if (countedWith(transaction.recipients, found.recipients) > MAILBOXES_PER_MAIL)
          throw this.#refuse(
            'rcpt',
            refusal(452, '4.5.3', `More than ${MAILBOXES_PER_MAIL} mailboxes in one mail; send the rest in another`),
            'mailboxes-per-mail',
            transaction.reversePath,
            forwardPath,
          )
        for (const { address, mailbox } of found.recipients) {
          // Who is reached as postmaster too gets the mail as postmaster: it is never judged (RFC 5321 4.5.1).
          if (found.postmaster || !transaction.recipients.has(mailbox))
            transaction.recipients.set(mailbox, { address, mailbox, route: 'mailbox' })
        }
    }
  }

  async data(message: AsyncIterable<Uint8Array>, header?: MessageHeader): Promise<Reply> {
    const transaction = this.#open()
    const { commands, content, clock, newMailId, hostname, metrics } = this.#parts
    const began = performance.now()
    // The store copies what it reads.
    header?.freeAsRead()
    const stored = await this.#kept(() => content.put(message))
    const { name, checks } = await this.checks.results()
    const { from, addresses, subject, messageId } = summariseHeaders(Buffer.from(header?.headerBlock() ?? []))
    const id = newMailId()
    const now = clock()
    const accept = () =>
      commands.mail(
        id,
        {
          kind: 'accept',
          mail: {
            flow: 'inbound',
            acceptedAt: now,
            client: this.#client(name),
            reversePath: transaction.reversePath,
            recipients: [...transaction.recipients.values()],
            contentHash: stored.hash,
            size: stored.size,
            headerFrom: from,
            headerAddresses: [...addresses],
            subject,
            messageId,
            protocol: `${this.connection.esmtp ? 'E' : ''}SMTP${this.connection.tls ? 'S' : ''}`,
            tls: this.connection.tls ? `${this.connection.tls.version} ${this.connection.tls.cipher}` : null,
            hostname,
            smtputf8: transaction.parameters.smtputf8,
            account: null,
            checks: [...checks],
          },
        },
        { actor: { kind: 'system', part: 'mx' }, now, commandId: id, correlationId: id, newStream: true },
      )
    const accepted = await this.#kept(accept)
    if (isDeclined(accepted)) throw new Error(`mail ${id} was declined: ${accepted.reason}`)
    metrics.accepted(performance.now() - began)
    this.#transaction = null
    return { code: 250, enhancedCode: '2.0.0', text: `Ok: ${id}` }
  }

  /** Of the mail that has been begun: for the record of what the listener itself refuses. */
  get begun(): { readonly reversePath: string | null; readonly addresses: readonly string[] } | null {
    if (this.#transaction === null) return null
    const { reversePath, recipients } = this.#transaction
    return {
      reversePath: reversePath?.slice(0, 512) ?? null,
      addresses: [...new Set([...recipients.values()].map(({ address }) => address))],
    }
  }

  reset(): void {
    this.#transaction = null
  }

  logout(): void {
    this.#transaction = null
  }

  /** What can't be kept now is no fault of the mail: the client comes again (design.md §1.2). */
  async #kept<Result>(keep: () => Promise<Result>): Promise<Result> {
    try {
      return await keep()
    } catch (error) {
      if (!(error instanceof ContentStoreUnavailable || error instanceof LogUnavailable)) throw error
      this.#parts.logger.error({ err: error, client: this.connection.remoteAddress }, 'a mail could not be kept')
      throw this.#refuse(
        'data',
        refusal(451, '4.3.0', 'Your mail can not be kept now, try again later'),
        'storage',
        this.#transaction?.reversePath ?? null,
        this.begun?.addresses[0] ?? null,
      )
    }
  }

  /** A group of outside members only: nothing of the Internet's is relayed, so nobody would get it. */
  async #lookUp(forwardPath: string): Promise<LookUp> {
    const found = await this.#parts.recipients.lookUp(forwardPath)
    return found.kind === 'mailboxes' && found.recipients.length === 0 ? { kind: 'unknown-recipient' } : found
  }

  #open(): Transaction {
    if (this.#transaction === null) throw new SmtpRefusal(refusal(503, '5.5.1', 'MAIL FROM comes first'), 'sequence')
    return this.#transaction
  }

  #client(name: string | null): Client {
    return { address: this.connection.remoteAddress, name, helo: this.connection.helo }
  }

  #refuse(
    stage: 'mail' | 'rcpt' | 'data',
    reply: Reply,
    check: string,
    reversePath: string | null,
    recipient: string | null = null,
    evidence: string | null = null,
  ): SmtpRefusal {
    this.#parts.journal.refused(
      {
        stage,
        client: this.#client(null),
        reversePath: reversePath?.slice(0, 512) ?? null,
        recipient: recipient?.slice(0, 512) ?? null,
        reply,
        check,
        evidence: evidence?.slice(0, 512) ?? null,
      },
      { kind: 'system', part: 'mx' },
    )
    this.#parts.metrics.refused(stage, check)
    this.#parts.logger.debug({ check, reply: formatReply(reply), client: this.connection.remoteAddress }, 'refused')
    return new SmtpRefusal(reply, check)
  }
}

/** How many there would be, each mailbox once. */
const countedWith = (named: ReadonlyMap<string, Recipient>, more: readonly { readonly mailbox: string }[]): number =>
  named.size + more.filter(({ mailbox }) => !named.has(mailbox)).length
