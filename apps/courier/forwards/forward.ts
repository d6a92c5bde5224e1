import { isDeclined } from '#domain/kernel/decider'
import { nextStep } from '#domain/mail/next-step'
import type { Mail } from '#domain/mail/state'
import type { Commands } from '#infra/commands/commands'
import { whyNotForwarded, type AskingParts } from './why-not.ts'

export interface ForwardParts extends AskingParts {
  readonly commands: Pick<Commands, 'mail'>
}

/**
 * WhenClearedThenForward: what was cleared for who forwards it goes on to addresses outside, or stays with its reason. Answers the mail as it is
 * then, and what failed: those wait, the others don't.
 */
export const forwardWhatIsOwed = async (
  parts: ForwardParts,
  mailId: string,
  mail: Mail,
): Promise<{ readonly mail: Mail; readonly failures: readonly unknown[] }> => {
  let now = mail
  const failures: unknown[] = []
  for (const { recipient, attempt } of nextStep(mail).forwards) {
    try {
      now = (await forward(parts, mailId, now, recipient, attempt)) ?? now
    } catch (error) {
      failures.push(error)
    }
  }
  return { mail: now, failures }
}

const forward = async (
  parts: ForwardParts,
  mailId: string,
  mail: Mail,
  recipient: string,
  attempt: number,
): Promise<Mail | null> => {
  const refused = await whyNotForwarded(parts, mail, recipient)
  const now = parts.clock()
  const recorded = await parts.commands.mail(
    mailId,
    { kind: 'forward', recipient, refused, now },
    {
      actor: { kind: 'system', part: 'courier' },
      now,
      commandId: `${mailId}/${recipient}/forward/${attempt}`,
      correlationId: mailId,
    },
  )
  if (isDeclined(recorded)) throw new Error(`forwarding ${mailId} for ${recipient} was declined: ${recorded.reason}`)
  return recorded.state
}
