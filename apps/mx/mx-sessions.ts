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

/** Takes connections from the Internet: connection checks, then a session each. */
export class MxSessions implements MailSessionFactory {
  readonly #parts: MxParts

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
    return new MxSession(this.#parts, connection, checks)
  }

  async helo(session: MailSession, name: string): Promise<void> {
    if (!(session instanceof MxSession)) throw new Error('a session that was not begun here')
    await Promise.all([this.#parts.policies.fresh(), this.#parts.hostedDomains.fresh()])
    const failure = await session.checks.greeted(name)
    if (failure !== null) throw this.#refuse(session.connection, 'helo', failure)
  }

  refused(connection: SmtpConnection, stage: SmtpStage, reply: Reply, check: string): void {
    this.#record(connection, stage, reply, check, null)
  }

  #refuse(connection: SmtpConnection, stage: SmtpStage, { check, detail, reply }: EdgeFailure): SmtpRefusal {
    this.#record(connection, stage, reply, check, detail)
    return new SmtpRefusal(reply, check, { close: stage === 'connect' })
  }

  #record(connection: SmtpConnection, stage: SmtpStage, reply: Reply, check: string, evidence: string | null): void {
    this.#parts.metrics.refused(stage, check)
    this.#parts.journal.refused(
      {
        stage,
        client: { address: connection.remoteAddress, name: null, helo: connection.helo },
        reversePath: null,
        recipient: null,
        reply,
        check,
        evidence,
      },
      { kind: 'system', part: 'mx' },
    )
  }
}
