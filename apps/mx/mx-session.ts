import { performance } from 'node:perf_hooks'
import { isDeclined } from '#domain/kernel/decider'
import type { Recipient } from '#domain/mail/events'
import type { Client } from '#domain/message/client'
import { parseDomainName } from '#domain/message/domain-name'
import { domainOf } from '#domain/message/mailbox'
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
import { outsideMembers } from './outside-members.ts'
import type { LookUp } from './recipients.ts'
import { isReturnLike, noReturn, type Return } from './returns.ts'

/** Groups unfolded: what one append to the log can tell about all of them must stay under 1 MiB. */
const MAILBOXES_PER_MAIL = 2_000

type Found = Extract<LookUp, { kind: 'mailboxes' }>

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
    this.#open()
    const returned = await this.#returned(forwardPath)
    if (returned?.is === 'sender') {
      this.#mayReturn(forwardPath, returned.sender)
      if (!this.#isHosted(returned.sender)) return this.#add(forwardPath, [returned.recipient], false)
    }
    const found = await this.#lookUp(returned?.is === 'sender' ? returned.sender : forwardPath)
    switch (found.kind) {
      case 'unknown-domain':
        throw this.#refuseRecipient(
          forwardPath,
          refusal(550, '5.7.1', `Relaying denied: ${found.domain} is not a domain of this server`),
          'relay-denied',
        )
      case 'unknown-recipient':
        throw this.#refuseRecipient(
          forwardPath,
          noReturn(returned) ?? refusal(550, '5.1.1', `No mailbox here by the name of <${forwardPath}>`),
          'unknown-recipient',
          found.reason ?? null,
        )
      case 'source-away':
        throw this.#refuseRecipient(
          forwardPath,
          refusal(451, '4.4.3', 'Who could say whether this mailbox exists does not answer, try again later'),
          'recipient-verification',
          found.reason,
        )
      case 'unavailable':
        throw this.#refuseRecipient(
          forwardPath,
          refusal(451, '4.3.0', 'Recipients can not be looked up now, try again later'),
          'directory-unavailable',
        )
      case 'mailboxes':
        this.#add(
          forwardPath,
          [
            ...found.recipients.map((one): Recipient => ({ ...one, route: 'mailbox' })),
            ...this.#outside(found, forwardPath),
          ],
          found.postmaster,
        )
    }
  }

  /** Who is reached as postmaster too gets the mail as postmaster: it is never judged (RFC 5321 4.5.1). */
  #add(forwardPath: string, recipients: readonly Recipient[], asPostmaster: boolean): void {
    const transaction = this.#open()
    if (sizeOf(recipients) > MAILBOXES_PER_MAIL)
      throw this.#refuseRecipient(
        forwardPath,
        refusal(550, '5.2.4', `<${forwardPath}> stands for more than ${MAILBOXES_PER_MAIL} mailboxes`),
        'mailboxes-per-mail',
      )
    const more = recipients.filter(({ mailbox }) => !transaction.recipients.has(mailbox))
    if (sizeOf([...transaction.recipients.values(), ...more]) > MAILBOXES_PER_MAIL)
      throw this.#refuseRecipient(
        forwardPath,
        refusal(452, '4.5.3', `More than ${MAILBOXES_PER_MAIL} mailboxes in one mail; send the rest in another`),
        'mailboxes-per-mail',
      )
    for (const recipient of asPostmaster ? recipients : more) transaction.recipients.set(recipient.mailbox, recipient)
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

  /** A group of members outside alone leads to nobody where policy lets nothing go there. */
  async #lookUp(forwardPath: string): Promise<LookUp> {
    const found = await this.#parts.recipients.lookUp(forwardPath)
    const nobody =
      found.kind === 'mailboxes' && found.recipients.length === 0 && this.#outside(found, forwardPath).length === 0
    return nobody ? { kind: 'unknown-recipient' } : found
  }

  #outside(found: Found, address: string): readonly Recipient[] {
    return outsideMembers(found, address, this.#parts.policies.current('accounts').document.forwarding)
  }

  /** null: it is no return address of ours. */
  async #returned(forwardPath: string): Promise<Return | null> {
    if (!isReturnLike(forwardPath)) return null
    await this.#parts.hostedDomains.fresh()
    return this.#isHosted(forwardPath) ? this.#parts.returns.lookUp(forwardPath) : null
  }

  /** A return address is for bounces alone (`<>`), and for not too many of them. */
  #mayReturn(forwardPath: string, sender: string): void {
    if (this.#open().reversePath !== null)
      throw this.#refuseRecipient(
        forwardPath,
        refusal(550, '5.7.1', 'This address is for the bounces of forwarded mail: only MAIL FROM:<> may use it'),
        'return-not-bounce',
      )
    if (!this.#parts.returns.countOne(sender))
      throw this.#refuseRecipient(
        forwardPath,
        refusal(450, '4.7.1', 'Too many bounces for this sender, try again in an hour'),
        'return-rate',
      )
  }

  #isHosted(address: string): boolean {
    const domain = domainOf(address)
    return this.#parts.hostedDomains.current(parseDomainName(domain) ?? domain) !== null
  }

  #open(): Transaction {
    if (this.#transaction === null) throw new SmtpRefusal(refusal(503, '5.5.1', 'MAIL FROM comes first'), 'sequence')
    return this.#transaction
  }

  #client(name: string | null): Client {
    return { address: this.connection.remoteAddress, name, helo: this.connection.helo }
  }

  #refuseRecipient(forwardPath: string, reply: Reply, check: string, evidence: string | null = null): SmtpRefusal {
    return this.#refuse('rcpt', reply, check, this.#open().reversePath, forwardPath, evidence)
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

/** With where they forward it to. */
const sizeOf = (recipients: readonly Recipient[]): number =>
  recipients.reduce((size, { forward }) => size + 1 + (forward?.to.length ?? 0), 0)
