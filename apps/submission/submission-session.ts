import type { Instant } from '#domain/kernel/instant'
import type { Recipient } from '#domain/mail/events'
import { domainOf, mailboxKey, type Address } from '#domain/message/mailbox'
import { refusal, type Reply } from '#domain/message/reply'
import type { Accepted, Verdict } from '#infra/credentials/credentials'
import { ViewBehind } from '#infra/views/port'
import {
  SmtpRefusal,
  type MailParameters,
  type MailSession,
  type MessageHeader,
  type RcptParameters,
  type SmtpConnection,
  type SmtpCredentials,
} from '#infra/smtp/port'
import { acceptMail } from './accept-mail.ts'
import { Envelope, MOST_RECIPIENTS } from './envelope.ts'
import { forwardPath } from './forward-path.ts'
import type { Counted } from './rates-port.ts'
import { recordRefusal, type RefusedSubmission } from './record-refusal.ts'
import { notYours } from './sender-check.ts'
import { identityOf, type Identity } from './identity.ts'
import type { SubmissionParts } from './submission-parts.ts'

/** Counts the sessions of an account over all listeners. */
export interface SessionCount {
  enter(account: string, most: number): boolean
  leave(account: string): void
}

/** Failed AUTHs of one connection before it is closed; each is answered later than the one before. */
const MOST_FAILURES = 5

/** One SMTP conversation with a user's client: who they are, as whom they send, and to whom (design.md §1, local and outbound). */
export class SubmissionSession implements MailSession {
  readonly #parts: SubmissionParts
  readonly connection: SmtpConnection
  readonly #count: SessionCount
  #signedIn: Accepted | null = null
  #identity: Identity | null = null
  #failures = 0
  #envelope: Envelope | null = null

  constructor(parts: SubmissionParts, connection: SmtpConnection, count: SessionCount) {
    this.#parts = parts
    this.connection = connection
    this.#count = count
  }

  async authenticate({ username, password }: SmtpCredentials): Promise<string> {
    const { clock, credentials, policies } = this.#parts
    await policies.fresh()
    const answer = await credentials.verify({
      address: username,
      password,
      clientAddress: this.connection.remoteAddress,
      now: clock(),
      appPasswords: true,
    })
    if (answer.kind !== 'accepted') {
      const close = ++this.#failures >= MOST_FAILURES
      throw this.#refuse({ stage: 'auth', account: username.slice(0, 320), close, ...notAuthenticated(answer) })
    }
    const account = mailboxKey(answer.account.address)
    this.#countOne('auth', 'connections', account)
    if (!this.#count.enter(account, policies.current('submission').document.connectionsPerAccount))
      throw this.#refuse({
        stage: 'auth',
        reply: refusal(450, '4.7.1', `${account} has too many connections open here; close one and try again`),
        check: 'connections-per-account',
        account,
        close: true,
      })
    this.#signedIn = answer
    return account
  }

  async mail(reversePath: string | null, parameters: MailParameters): Promise<void> {
    const { freeBytes, hostedDomains, policies } = this.#parts
    const account = this.#account
    await Promise.all([policies.fresh(), hostedDomains.fresh()])
    const refuse = (refused: Omit<RefusedSubmission, 'stage'>): SmtpRefusal =>
      this.#refuse({ stage: 'mail', reversePath, ...refused })
    if (freeBytes() < policies.current('storage').document.freeSpace / 4)
      throw refuse({
        reply: refusal(452, '4.3.1', 'Not enough space to keep your mail, try again later'),
        check: 'disk',
      })
    const [current, lookup] = await Promise.all([
      this.#parts.credentials.stillHolds(this.#begun()),
      this.#known('mail', () => this.#parts.addresses.current()),
    ])
    if (current === null)
      throw refuse({
        reply: refusal(550, '5.7.1', `${account} is not signed in any more; sign in again`),
        check: 'signed-out',
        close: true,
      })
    this.#identity = identityOf(current, lookup)
    if (reversePath !== null && !this.#identity.owns(canonical(reversePath)))
      throw refuse({
        reply: refusal(550, '5.7.1', `You can not send as that: ${notYours(reversePath, account, 'MAIL FROM')}`),
        check: 'sender-spoofed',
      })
    this.#countOne('mail', 'mails', account)
    this.#envelope = new Envelope(reversePath === null ? null : canonical(reversePath), parameters)
  }

  async rcpt(given: string, parameters: RcptParameters): Promise<void> {
    const envelope = this.#open()
    const account = this.#account
    const refuse = (reply: Reply, check: string, detail: string | null = null): SmtpRefusal =>
      this.#refuse({ stage: 'rcpt', reversePath: envelope.reversePath, recipients: [given], reply, check, detail })
    const path = forwardPath(given)
    if (path.kind === 'malformed')
      throw refuse(refusal(553, '5.1.3', 'The address can not be read, or is too long'), 'recipient-syntax')
    if (path.kind === 'literal')
      throw refuse(refusal(553, '5.1.3', 'Mail is not sent to address literals; give a domain'), 'address-literal')
    const { address } = path
    const found = await this.#known('rcpt', () => this.#parts.recipients.lookUp(address))
    const notification = notificationOf(parameters)
    switch (found.kind) {
      case 'unavailable':
        throw refuse(
          refusal(451, '4.3.0', 'Recipients can not be looked up now, try again later'),
          'directory-unavailable',
        )
      case 'source-away':
        throw refuse(
          refusal(451, '4.4.3', 'Who could say whether this mailbox exists does not answer, try again later'),
          'recipient-verification',
          found.reason,
        )
      case 'unknown-recipient':
        throw refuse(
          refusal(550, '5.1.1', `No mailbox here by the name of <${given}>`),
          'unknown-recipient',
          found.reason ?? null,
        )
      case 'unknown-domain':
        if (!domainOf(address).includes('.'))
          throw refuse(refusal(550, '5.1.2', `${domainOf(address)} is no complete domain name`), 'recipient-domain')
        this.#add(given, [{ address, mailbox: address, route: 'relay', ...notification }])
        break
      case 'mailboxes':
        this.#add(given, [
          ...found.recipients.map(({ mailbox, forward }): Recipient => ({
            address,
            mailbox,
            route: 'mailbox',
            ...(forward === undefined ? {} : { forward }),
            ...notification,
          })),
          ...found.outside.map(({ member, group }): Recipient => ({
            address,
            mailbox: member,
            route: 'relay',
            forwardedBy: group,
            ...notification,
          })),
        ])
    }
    this.#countOne('rcpt', 'recipients', account)
  }

  async data(message: AsyncIterable<Uint8Array>, header?: MessageHeader): Promise<Reply> {
    const envelope = this.#open()
    if (header === undefined) throw new Error('a submission without its header')
    const identity = this.#identity
    if (identity === null) throw new Error('a submission of nobody')
    const { connection } = this
    const refuse = (refused: Omit<RefusedSubmission, 'stage' | 'recipients' | 'reversePath'>): SmtpRefusal =>
      this.#refuse({ stage: 'data', reversePath: envelope.reversePath, recipients: envelope.named, ...refused })
    const reply = await acceptMail(this.#parts, { identity, envelope, connection, refuse }, message, header)
    this.#envelope = null
    return reply
  }

  /** The mail that has been begun: for the record of what the listener itself refuses. */
  get begun(): Pick<Envelope, 'reversePath' | 'named'> | null {
    return this.#envelope
  }

  reset(): void {
    this.#envelope = null
  }

  logout(): void {
    this.#envelope = null
    if (this.#signedIn !== null) this.#count.leave(this.#account)
    this.#signedIn = null
  }

  #add(given: string, recipients: readonly Recipient[]): void {
    const envelope = this.#open()
    if (envelope.add(given, recipients)) return
    const few = recipients.length <= MOST_RECIPIENTS
    throw this.#refuse({
      stage: 'rcpt',
      reversePath: envelope.reversePath,
      recipients: [given],
      reply: few
        ? refusal(452, '4.5.3', `More than ${MOST_RECIPIENTS} mailboxes in one mail; send the rest in another`)
        : refusal(550, '5.2.4', `<${given}> stands for more than ${MOST_RECIPIENTS} mailboxes`),
      check: 'mailboxes-per-mail',
    })
  }

  #countOne(stage: RefusedSubmission['stage'], counted: Counted, account: string): void {
    const { clock, rates } = this.#parts
    const now = clock()
    const taken = rates.take(counted, { account, clientAddress: this.connection.remoteAddress }, now)
    if (taken.kind === 'within') return
    throw this.#refuse({
      stage,
      reversePath: this.#envelope?.reversePath ?? null,
      reply: refusal(450, '4.7.1', `More than ${taken.limit}; try again in ${secondsUntil(taken.freeAt, now)} s`),
      check: `rate-${counted}`,
      account,
      close: counted === 'connections',
    })
  }

  async #known<Result>(stage: 'mail' | 'rcpt', ask: () => Promise<Result>): Promise<Result> {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof ViewBehind)) throw error
      throw this.#refuse({
        stage,
        reply: refusal(451, '4.3.0', 'The directory is not up to date here, try again later'),
        check: 'directory-unavailable',
      })
    }
  }

  get #account(): Address {
    return mailboxKey(this.#begun().account.address)
  }

  #begun(): Accepted {
    if (this.#signedIn === null)
      throw new SmtpRefusal(refusal(530, '5.7.0', 'Authentication required'), 'authentication')
    return this.#signedIn
  }

  #open(): Envelope {
    if (this.#envelope === null) throw new SmtpRefusal(refusal(503, '5.5.1', 'MAIL FROM comes first'), 'sequence')
    return this.#envelope
  }

  #refuse(refused: RefusedSubmission): SmtpRefusal {
    return recordRefusal(this.#parts, this.connection, refused)
  }
}

const notAuthenticated = (
  answer: Exclude<Verdict, Accepted>,
): Pick<RefusedSubmission, 'reply' | 'check' | 'detail'> => {
  switch (answer.kind) {
    case 'refused':
      return {
        reply: refusal(535, '5.7.8', 'The name or the password is wrong'),
        check: 'wrong-password',
        detail: answer.because,
      }
    case 'limited':
      return {
        reply: refusal(
          454,
          '4.7.0',
          `Too many failed sign-ins, try again in ${Math.ceil(answer.retryAfter / 1_000)} s`,
        ),
        check: 'sign-in-limit',
      }
    case 'busy':
      return { reply: refusal(454, '4.7.0', 'Too many sign-ins at this moment, try again'), check: 'sign-in-busy' }
  }
}

const notificationOf = ({ notify, orcpt }: RcptParameters): Pick<Recipient, 'notification'> =>
  notify === undefined && orcpt === undefined
    ? {}
    : { notification: { notify: notify === undefined ? null : [...notify], orcpt: orcpt ?? null } }

/** Its domain in A-labels, where it is an address that can be somebody's. */
const canonical = (reversePath: string): string => {
  const path = forwardPath(reversePath)
  return path.kind === 'address' ? path.address : reversePath
}

const secondsUntil = (at: Instant, now: Instant): number => Math.max(1, Math.ceil((at - now) / 1_000))
