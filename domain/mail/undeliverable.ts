import { Declined } from '../kernel/decider.ts'
import type { MailCommand } from './commands.ts'
import type { MailEvent } from './events.ts'
import type { RecipientState } from './state.ts'

type Command<Kind extends MailCommand['kind']> = Extract<MailCommand, { kind: Kind }>

/** To another mailbox, or once more to its own. Asked for again while it is on its way there, nothing happens again. */
export const redirect = (
  recipient: RecipientState,
  { to, by, now }: Command<'redirect'>,
): readonly MailEvent[] | Declined => {
  if (recipient.redirectedTo === to && recipient.state !== 'undeliverable') return []
  if (recipient.state !== 'undeliverable') return notUndeliverable(recipient)
  return [{ type: 'Redirected', data: { recipient: recipient.mailbox, to, by, at: now } }]
}

export const discardUndeliverable = (
  recipient: RecipientState,
  { by, now }: Command<'discard-undeliverable'>,
): readonly MailEvent[] | Declined => {
  if (recipient.state === 'discarded') return []
  if (recipient.state !== 'undeliverable') return notUndeliverable(recipient)
  return [{ type: 'Discarded', data: { recipient: recipient.mailbox, by, at: now } }]
}

const notUndeliverable = ({ mailbox, state }: RecipientState): Declined =>
  new Declined('conflict', `the mail is not undeliverable for ${mailbox}: it is ${state}`)
