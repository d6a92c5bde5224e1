import { Declined } from '../kernel/decider.ts'
import type { MailCommand } from './commands.ts'
import type { MailEvent } from './events.ts'
import { released } from './scan.ts'
import type { RecipientState } from './state.ts'

type Command<Kind extends MailCommand['kind']> = Extract<MailCommand, { kind: Kind }>

/**
 * Somebody wants a held mail. It is scanned again first, but where an administrator takes a virus upon themselves, with a reason.
 * Asked for again, nothing happens again.
 */
export const requestRelease = (
  recipient: RecipientState,
  command: Command<'request-release'>,
): readonly MailEvent[] | Declined => {
  if (recipient.released !== null) return []
  if (recipient.state !== 'quarantined') return notHeld(recipient)
  const { by, reason, trustSender, privileged, now } = command
  const request = { by, reason, trustSender }
  const requested = (override: boolean): MailEvent => ({
    type: 'ReleaseRequested',
    data: { recipient: recipient.mailbox, ...request, override },
  })
  if (recipient.reason === 'virus') {
    if (!privileged) return new Declined('forbidden', 'a virus is released by an administrator only')
    if (reason === null || reason.trim() === '') {
      return new Declined('invalid', 'the release of a virus needs a reason')
    }
    return [requested(true), ...released({ mailbox: recipient.mailbox, release: request }, null, now)]
  }
  const asked = recipient.release !== null && (recipient.release.trustSender || !trustSender)
  return asked ? [] : [requested(false)]
}

export const discard = (
  recipient: RecipientState,
  { by, now }: Command<'discard'>,
): readonly MailEvent[] | Declined => {
  if (recipient.state === 'discarded') return []
  if (recipient.state !== 'quarantined') return notHeld(recipient)
  return [{ type: 'Discarded', data: { recipient: recipient.mailbox, by, at: now } }]
}

/** Asked by a clock, so what is no longer held is no news. An open release comes first. */
export const expireQuarantine = (
  recipient: RecipientState,
  { now }: Command<'expire-quarantine'>,
): readonly MailEvent[] | Declined => {
  if (recipient.state !== 'quarantined' || recipient.expiresAt === null) return []
  if (recipient.release !== null) return new Declined('conflict', 'its release has been asked for')
  if (now < recipient.expiresAt) return new Declined('conflict', 'its time in quarantine is not over')
  return [{ type: 'QuarantineExpired', data: { recipient: recipient.mailbox, at: now } }]
}

const notHeld = ({ mailbox, state }: RecipientState): Declined =>
  new Declined('conflict', `the mail is not in quarantine for ${mailbox}: it is ${state}`)
