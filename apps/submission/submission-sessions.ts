import type { Reply } from '#domain/message/reply'
import type { MailSession, MailSessionFactory, SmtpConnection, SmtpStage } from '#infra/smtp/port'
import { recordRefusal } from './record-refusal.ts'
import type { SubmissionParts } from './submission-parts.ts'
import { SubmissionSession } from './submission-session.ts'

/** Takes connections from users: of both listeners, so that an account's sessions are counted together. */
export class SubmissionSessions implements MailSessionFactory {
  readonly #parts: SubmissionParts
  readonly #sessions = new WeakMap<SmtpConnection, SubmissionSession>()
  readonly #ofAccount = new Map<string, number>()

  constructor(parts: SubmissionParts) {
    this.#parts = parts
  }

  connect(connection: SmtpConnection): Promise<MailSession> {
    const session = new SubmissionSession(this.#parts, connection, this)
    this.#sessions.set(connection, session)
    return Promise.resolve(session)
  }

  /** What the listener itself refuses. */
  refused(connection: SmtpConnection, stage: SmtpStage, reply: Reply, check: string): void {
    const begun = this.#sessions.get(connection)?.begun ?? null
    recordRefusal(this.#parts, connection, {
      stage,
      reply,
      check,
      reversePath: begun?.reversePath ?? null,
      recipients: stage === 'data' ? (begun?.named ?? []) : [],
    })
  }

  /** False: the account has as many sessions as it may. */
  enter(account: string, most: number): boolean {
    const inside = this.#ofAccount.get(account) ?? 0
    if (inside >= most) return false
    this.#ofAccount.set(account, inside + 1)
    return true
  }

  leave(account: string): void {
    const inside = (this.#ofAccount.get(account) ?? 1) - 1
    if (inside <= 0) this.#ofAccount.delete(account)
    else this.#ofAccount.set(account, inside)
  }
}
