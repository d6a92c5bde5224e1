import { Declined } from '../kernel/decider.ts'
import type { Instant } from '../kernel/instant.ts'
import type { Reply } from '../message/reply.ts'
import type { MailCommand } from './commands.ts'
import type { MailEvent } from './events.ts'
import { wantsToKnow } from './notifications.ts'
import { isFinal, recipientOf, type Mail, type RecipientState } from './state.ts'

/** `host` of the outcome of a copy that went on to addresses outside. */
export const BY_FORWARDING = 'forwarding'

/** A mailbox stands behind it, which gets what does not go on. */
export const hasMailbox = ({ forward }: Pick<RecipientState, 'forward'>): boolean =>
  forward === undefined || forward.as === 'copy' || forward.as === 'instead'

/** A copy is for its host now: nothing goes on, or beside it, or what was to go on did not, or an administrator redirected it. */
export const isForHost = ({
  forward,
  forwarding,
  redirectedTo,
}: Pick<RecipientState, 'forward' | 'forwarding' | 'redirectedTo'>): boolean =>
  forward === undefined ||
  redirectedTo !== null ||
  forwarding === 'kept' ||
  (forward.as === 'copy' && forwarding === 'forwarded')

/**
 * Nobody is told when it fails for good, and nothing is lost: who forwards it has the mail or gets it then, and that a bounce could not be passed
 * on is the end of it (RFC 5321 6.1).
 */
export const failsQuietly = (mail: Mail, { forwardedBy }: Pick<RecipientState, 'forwardedBy'>): boolean => {
  const by = forwardedBy === undefined ? undefined : recipientOf(mail, forwardedBy)?.forward?.as
  return by !== undefined && by !== 'group'
}

/** Once, when it is cleared. `refused`: why it may not go on; who has no mailbox is then kept for an administrator. */
export const forward = (
  mail: Mail,
  command: Extract<MailCommand, { kind: 'forward' }>,
): readonly MailEvent[] | Declined => {
  const recipient = recipientOf(mail, command.recipient)
  if (recipient?.forward === undefined) return []
  const { attempts, clearedAt, mailbox, state, forwarding } = recipient
  if (forwarding !== 'owed' || isFinal(state) || state === 'undeliverable') return []
  if (clearedAt === null) return new Declined('conflict', `the mail has not been cleared for ${mailbox} yet`)
  const { refused, now: at } = command
  if (refused === null) return goesOn(mail, recipient, at)
  if (hasMailbox(recipient)) return [{ type: 'NotForwarded', data: { recipient: mailbox, reason: refused, at } }]
  const reply = { code: 550, enhancedCode: '5.7.1', text: `Not forwarded: ${refused}` }
  return [
    { type: 'Undeliverable', data: { recipient: mailbox, host: BY_FORWARDING, reply, attempt: attempts + 1, at } },
  ]
}

const goesOn = (mail: Mail, recipient: RecipientState, at: Instant): readonly MailEvent[] => {
  const { mailbox } = recipient
  const { to, as } = recipient.forward!
  const fresh = to.filter((address) => !mail.places.has(address))
  const forwarded: MailEvent = {
    type: 'Forwarded',
    data: { recipient: mailbox, to: fresh, keepsCopy: as === 'copy', at },
  }
  return hasMailbox(recipient) ? [forwarded] : [forwarded, ...arrived(recipient, at)]
}

/**
 * What follows for those who keep no copy, from how their forwards fare: one that failed for good brings the mail into the mailbox, and when all have
 * arrived that is its outcome.
 */
export const outcomesOfForwards = (mail: Mail, at: Instant): readonly MailEvent[] =>
  mail.recipients.flatMap((recipient): readonly MailEvent[] => {
    const { forward: asked, forwarding, mailbox, state } = recipient
    if (asked?.as !== 'instead' || forwarding !== 'forwarded' || isFinal(state)) return []
    const legs = asked.to.flatMap((to) => recipientOf(mail, to) ?? [])
    const failed = legs.filter(
      (leg) => leg.state === 'undeliverable' || (isFinal(leg.state) && leg.state !== 'delivered'),
    )
    const [first] = failed
    if (first !== undefined) {
      const to = failed.map((leg) => leg.mailbox)
      return [{ type: 'ForwardingFailed', data: { recipient: mailbox, to, reply: first.reply, at } }]
    }
    return legs.every((leg) => leg.state === 'delivered') ? arrived(recipient, at) : []
  })

/** It has gone on, and that is all that is known of it here. */
const arrived = (recipient: RecipientState, at: Instant): readonly MailEvent[] => {
  const { mailbox: to, forward: asked } = recipient
  const reply: Reply = {
    code: 250,
    enhancedCode: '2.0.0',
    text: asked?.to.length === 1 ? 'Forwarded' : `Forwarded to ${asked?.to.length ?? 0} addresses`,
  }
  const data = { recipient: to, host: BY_FORWARDING, reply, at }
  return [
    { type: 'Delivered', data },
    ...(wantsToKnow(recipient, 'SUCCESS') ? [{ type: 'ReceiptOwed', data: { ...data, handedOn: true } } as const] : []),
  ]
}
