import type { EdgeCheck } from '#domain/mail/events'
import { domainOf } from '#domain/message/mailbox'
import type { PolicyDocument } from '#domain/policy/documents'
import { refusal, type Reply } from '#domain/message/reply'
import { boundedResolver } from '#infra/dns/bounded-resolver'
import type { DnsResolver } from '#infra/dns/port'
import type { SmtpConnection } from '#infra/smtp/port'
import { isBareAddress, isHeloSyntax, isOneOf, sameName } from './helo-name.ts'
import { canReceiveMail, resolves } from './name-checks.ts'
import { isIn } from './networks.ts'
import { lookUpClientName } from './reverse-dns.ts'

type EdgePolicy = PolicyDocument<'edge'>

/** A check that failed where its policy says `reject`. */
export interface EdgeFailure {
  readonly check: string
  readonly reply: Reply
  readonly detail: string | null
}

/** What was found about the client and the sender of one mail; DNS that had no answer in time is `temperror`. */
export interface EdgeResults {
  /** The client's confirmed name. */
  readonly name: string | null
  readonly checks: readonly EdgeCheck[]
}

export interface EdgeSurroundings {
  readonly dns: DnsResolver
  readonly policy: () => EdgePolicy
  /** Our own host name, and whether a domain is hosted here. */
  readonly hostname: string
  readonly isHosted: (domain: string) => boolean
}

/** For one connection: its client chooses the names. */
const BOUNDS = { questions: 200, elapsed: 60_000 }
const UNASKED: EdgeResults = { name: null, checks: [] }

/**
 * The checks of one connection (design.md §1.1), each by its policy: `off` asks nothing, `record` asks beside the conversation and is
 * waited for when a mail is accepted, `reject` is waited for at once. Exempt networks are asked nothing that is about the connection.
 */
export class EdgeChecks {
  readonly #around: EdgeSurroundings
  readonly #connection: SmtpConnection
  readonly #dns: DnsResolver
  #client: Promise<EdgeResults> = Promise.resolve(UNASKED)
  #helo: Promise<EdgeCheck | null> = Promise.resolve(null)
  #sender: Promise<EdgeCheck | null> = Promise.resolve(null)
  #earlyTalker: EdgeCheck | null = null

  constructor(around: EdgeSurroundings, connection: SmtpConnection) {
    this.#around = around
    this.#connection = connection
    this.#dns = boundedResolver(around.dns, BOUNDS)
  }

  /** Before the greeting. */
  async connected(): Promise<EdgeFailure | null> {
    const { checks, earlyTalkerWait } = this.#around.policy()
    if (this.#isExempt()) return null
    const { remoteAddress, silence } = this.#connection
    if (checks.reverseDns !== 'off')
      this.#client = lookUpClientName(this.#dns, remoteAddress).then(({ name, check }) => ({ name, checks: [check] }))
    if (checks.earlyTalker !== 'off' && silence !== undefined) {
      const silent = await silence(earlyTalkerWait)
      this.#earlyTalker = { check: 'early-talker', result: silent ? 'pass' : 'fail', detail: null }
      if (!silent && checks.earlyTalker === 'reject')
        return failure(this.#earlyTalker, refusal(554, '5.5.1', 'You spoke before the greeting'))
    }
    if (checks.reverseDns !== 'reject') return null
    const [check] = (await this.#client).checks
    return check?.result === 'fail'
      ? failure(check, refusal(550, '5.7.25', `Your address ${remoteAddress} has no matching reverse DNS name`))
      : null
  }

  /** After HELO or EHLO. */
  async greeted(given: string): Promise<EdgeFailure | null> {
    const { checks } = this.#around.policy()
    const name = given.slice(0, 100)
    if (checks.heloSyntax === 'reject' && (!isHeloSyntax(given) || isBareAddress(given)))
      return {
        check: 'helo-syntax',
        detail: null,
        reply: refusal(501, '5.5.2', `HELO ${name} is neither a domain name nor an address literal`),
      }
    this.#helo = Promise.resolve(null)
    if (this.#isExempt()) return null
    if (checks.heloOwnName !== 'off') {
      const { hostname, isHosted } = this.#around
      const check: EdgeCheck = {
        check: 'helo-own-name',
        result: sameName(given, hostname) || isOneOf(given, isHosted) ? 'fail' : 'pass',
        detail: null,
      }
      this.#helo = Promise.resolve(check.result === 'fail' ? check : null)
      if (check.result === 'fail')
        return checks.heloOwnName === 'reject'
          ? failure(check, refusal(550, '5.7.1', `HELO ${name} is a name of this server, not yours`))
          : null
    }
    if (checks.heloResolves === 'off') return null
    this.#helo = resolves(this.#dns, given)
    if (checks.heloResolves !== 'reject') return null
    const check = await this.#helo
    return check?.result === 'fail' ? failure(check, refusal(550, '5.7.1', `HELO ${name} does not resolve`)) : null
  }

  /** After MAIL FROM. */
  async sentFrom(reversePath: string | null): Promise<EdgeFailure | null> {
    const { checks } = this.#around.policy()
    this.#sender = Promise.resolve(null)
    if (reversePath === null || checks.senderDomain === 'off' || this.#isExempt()) return null
    const domain = domainOf(reversePath)
    if (this.#around.isHosted(domain)) return null
    this.#sender = canReceiveMail(this.#dns, domain)
    if (checks.senderDomain !== 'reject') return null
    const check = await this.#sender
    return check?.result === 'fail'
      ? failure(check, refusal(550, '5.1.8', `The sender's domain ${domain.slice(0, 100)} can not receive mail`))
      : null
  }

  async results(): Promise<EdgeResults> {
    const [client, helo, sender] = await Promise.all([this.#client, this.#helo, this.#sender])
    const others = [this.#earlyTalker, helo, sender].filter((check) => check !== null)
    return { name: client.name, checks: [...client.checks, ...others] }
  }

  #isExempt(): boolean {
    return isIn(this.#around.policy().exemptNetworks, this.#connection.remoteAddress)
  }
}

const failure = ({ check, detail }: EdgeCheck, reply: Reply): EdgeFailure => ({ check, reply, detail })
