import type { Reply } from '#domain/message/reply'
import {
  SmtpRefusal,
  type MailSession,
  type MailSessionFactory,
  type SmtpConnection,
  type SmtpStage,
} from '#infra/smtp/port'
import type { MxParts } from './mx-parts.ts'
import { MxSession } from './mx-session.ts'
import { isIn } from './networks.ts'
import { refusal } from './refusals.ts'
import { lookUpClientName } from './reverse-dns.ts'

/** Takes connections from the Internet: connection checks, then a session each. */
export class MxSessions implements MailSessionFactory {
  readonly #parts: MxParts

  constructor(parts: MxParts) {
    this.#parts = parts
  }

  async connect(connection: SmtpConnection): Promise<MailSession> {
    const { policies } = this.#parts
    await policies.fresh()
    const { checks, exemptNetworks } = policies.current('edge').document
    const policy = isIn(exemptNetworks, connection.remoteAddress) ? 'off' : checks.reverseDns
    const reverseDns =
      policy === 'off'
        ? Promise.resolve({ name: null, check: null })
        : lookUpClientName(this.#parts.dns, connection.remoteAddress)
    if (policy === 'reject') {
      const { check } = await reverseDns
      if (check?.result === 'fail')
        throw this.#refuse(
          connection,
          'connect',
          refusal(550, '5.7.25', `Your address ${connection.remoteAddress} has no matching reverse DNS name`),
          'reverse-dns',
          check,
        )
    }
    return new MxSession(this.#parts, connection, reverseDns)
  }

  async helo(session: MailSession, name: string): Promise<void> {
    if (this.#parts.policies.current('edge').document.checks.heloSyntax !== 'reject') return
    if (!isHeloSyntax(name) && session instanceof MxSession)
      throw this.#refuse(
        session.connection,
        'helo',
        refusal(501, '5.5.2', `HELO ${name.slice(0, 60)} is neither a domain name nor an address literal`),
        'helo-syntax',
      )
  }

  refused(connection: SmtpConnection, stage: SmtpStage, reply: Reply, check: string): void {
    this.#record(connection, stage, reply, check, null)
  }

  #refuse(
    connection: SmtpConnection,
    stage: SmtpStage,
    reply: Reply,
    check: string,
    evidence: { readonly detail: string | null } = { detail: null },
  ): SmtpRefusal {
    this.#record(connection, stage, reply, check, evidence.detail)
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

/** RFC 5321 4.1.1.1: a domain name, or an address literal. Underscores are seen in practice and harm nobody. */
export const isHeloSyntax = (name: string): boolean =>
  name.length <= 255 &&
  (/^\[(?:IPv6:[0-9A-Fa-f:.]+|\d{1,3}(?:\.\d{1,3}){3})\]$/i.test(name) ||
    /^[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}_])?(?:\.[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}_])?)*\.?$/u.test(
      name,
    ))
