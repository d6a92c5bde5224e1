import type { Reply } from '#domain/message/reply'
import {
  SmtpRefusal,
  type MailSession,
  type MailSessionFactory,
  type SmtpConnection,
  type SmtpStage,
} from '#infra/smtp/port'
import { EdgeChecks, type EdgeFailure } from './edge-checks.ts'
import type { MxParts } from './mx-parts.ts'
import { MxSession } from './mx-session.ts'

/** One message to many recipients makes so many records at most. */
const RECORDED_RECIPIENTS = 50

/** Takes connections from the Internet: connection checks, then a session each. */
export class MxSessions implements MailSessionFactory {
  readonly #parts: MxParts
  readonly #sessions = new WeakMap<SmtpConnection, MxSession>()

  constructor(parts: MxParts) {
    this.#parts = parts
  }

  async connect(connection: SmtpConnection): Promise<MailSession> {
    const { dns, hostedDomains, hostname, policies } = this.#parts
    await Promise.all([policies.fresh(), hostedDomains.fresh()])
    const checks = new EdgeChecks(
      {
        dns,
        hostname,
        policy: () => policies.current('edge').document,
        isHosted: (domain) => hostedDomains.current(domain) !== null,
      },
      connection,
    )
    const failure = await checks.connected()
    if (failure !== null) throw this.#refuse(connection, 'connect', failure)
    const session = new MxSession(this.#parts, connection, checks)
    this.#sessions.set(connection, session)
    return session
  }

  async helo(session: MailSession, name: string): Promise<void> {
    if (!(session instanceof MxSession)) throw new Error('a session that was not begun here')
    await Promise.all([this.#parts.policies.fresh(), this.#parts.hostedDomains.fresh()])
    const failure = await session.checks.greeted(name)
    if (failure !== null) throw this.#refuse(session.connection, 'helo', failure)
  }

  /** A message that broke a limit is recorded for each of its recipients: each may ask why it did not arrive. */
  refused(connection: SmtpConnection, stage: SmtpStage, reply: Reply, check: string): void {
    const begun = this.#sessions.get(connection)?.begun ?? null
    const addresses = stage === 'data' ? (begun?.addresses ?? []) : []
    for (const recipient of addresses.length === 0 ? [null] : addresses.slice(0, RECORDED_RECIPIENTS))
      this.#record(connection, {
        stage,
        reply,
        check,
        evidence: null,
        reversePath: begun?.reversePath ?? null,
        recipient,
      })
  }

  #refuse(connection: SmtpConnection, stage: SmtpStage, { check, detail, reply }: EdgeFailure): SmtpRefusal {
    this.#record(connection, { stage, reply, check, evidence: detail, reversePath: null, recipient: null })
    return new SmtpRefusal(reply, check, { close: stage === 'connect' })
  }

  #record(connection: SmtpConnection, refused: Omit<Parameters<MxParts['journal']['refused']>[0], 'client'>): void {
    this.#parts.metrics.refused(refused.stage, refused.check)
    this.#parts.journal.refused(
      { ...refused, client: { address: connection.remoteAddress, name: null, helo: connection.helo } },
      { kind: 'system', part: 'mx' },
    )
  }
}
