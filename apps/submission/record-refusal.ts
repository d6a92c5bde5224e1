import type { Actor } from '#domain/kernel/actor'
import { formatReply, type Reply } from '#domain/message/reply'
import { SmtpRefusal, type SmtpConnection, type SmtpStage } from '#infra/smtp/port'
import type { SubmissionParts } from './submission-parts.ts'

export interface RefusedSubmission {
  readonly stage: SmtpStage
  readonly reply: Reply
  /** Names what refused. */
  readonly check: string
  readonly reversePath?: string | null
  /** Whom it did not reach: each may be asked about. */
  readonly recipients?: readonly string[]
  /** For the administrator. */
  readonly detail?: string | null
  /** Tried to sign in as. */
  readonly account?: string | null
  readonly close?: boolean
}

/** One message to many recipients makes so many records at most. */
const RECORDED_RECIPIENTS = 50

const ACTOR: Actor = { kind: 'system', part: 'submission' }

/** Keeps it for the administrator (never a password), and answers what to throw. */
export const recordRefusal = (
  { journal, metrics, logger }: Pick<SubmissionParts, 'journal' | 'metrics' | 'logger'>,
  connection: SmtpConnection,
  {
    stage,
    reply,
    check,
    reversePath = null,
    recipients = [],
    detail = null,
    account = connection.account,
    close = false,
  }: RefusedSubmission,
): SmtpRefusal => {
  const evidence = [account === null ? null : `account ${account}`, detail].filter((part) => part !== null).join('; ')
  for (const recipient of recipients.length === 0 ? [null] : recipients.slice(0, RECORDED_RECIPIENTS))
    journal.refused(
      {
        stage,
        client: { address: connection.remoteAddress, name: null, helo: connection.helo },
        reversePath: reversePath?.slice(0, 512) ?? null,
        recipient: recipient?.slice(0, 512) ?? null,
        reply,
        check,
        evidence: evidence === '' ? null : evidence.slice(0, 1_000),
      },
      ACTOR,
    )
  metrics.refused(stage, check)
  logger.debug({ check, reply: formatReply(reply), client: connection.remoteAddress }, 'refused')
  return new SmtpRefusal(reply, check, { close })
}
