import { Declined } from '../kernel/decider.ts'
import { isPermanent, type Reply } from '../message/reply.ts'
import type { MailCommand } from './commands.ts'
import type { MailEvent } from './events.ts'
import { isForHost } from './forwarding.ts'
import { receipt } from './notifications.ts'
import { isFinal, type Mail, type RecipientState } from './state.ts'

type Command<Kind extends MailCommand['kind']> = Extract<MailCommand, { kind: Kind }>

/** What the mailbox host said. A success or a final no is a fact however late; a transient reply counts for its own attempt only. */
export const recordDelivery = (
  recipient: RecipientState,
  command: Command<'record-delivery'>,
): readonly MailEvent[] | Declined => {
  if (isFinal(recipient.state)) return []
  const { mailbox, clearedAt, attempts } = recipient
  const { host, reply, attempt, now, circumstance, atEnd } = command
  if (clearedAt === null) return notCleared(recipient)
  const how = command.transport === undefined ? {} : { transport: command.transport }
  if (reply.code < 300)
    return [
      { type: 'Delivered', data: { recipient: mailbox, host, reply, at: now, ...how } },
      ...receipt(recipient, command),
    ]
  // It waits for how those fare that it went on to: no host has anything to refuse.
  if (recipient.state === 'undeliverable' || !isForHost(recipient)) return []
  const keep: readonly MailEvent[] = [
    {
      type: 'Undeliverable',
      data: { recipient: mailbox, host, reply, attempt: Math.max(attempt, attempts + 1), at: now },
    },
  ]
  const full = isMailboxFull(reply)
  if (isPermanent(reply) && !full)
    return atEnd === 'keep' ? keep : [{ type: 'Bounced', data: { recipient: mailbox, host, reply, at: now, ...how } }]
  if (attempt !== attempts + 1) return []
  const cause = circumstance ?? (full ? 'mailbox-full' : 'reply')
  const { delays, expireAfter } = full ? (command.mailboxFull ?? command.retry) : command.retry
  const end = clearedAt + expireAfter
  if (now >= end)
    return atEnd === 'keep' ? keep : [{ type: 'QueueExpired', data: { recipient: mailbox, reply, at: now } }]
  const delay = delays[Math.min(attempts, delays.length - 1)] ?? expireAfter
  // The last attempt is made when the time is over, not given away because the next step of the schedule lies behind it.
  const dueAt = cause === 'host-away' ? end : Math.min(now + delay, end)
  return [{ type: 'Deferred', data: { recipient: mailbox, host, reply, attempt, dueAt, cause, ...how } }]
}

/** 452 4.2.2 or 552 5.2.2 (RFC 3463): whose mailbox is full may make room, so that even the 5yz is not the end. */
const isMailboxFull = ({ code, enhancedCode }: Reply): boolean =>
  (code === 452 || code === 552) && enhancedCode?.endsWith('.2.2') === true

export const retryNow = (
  recipient: RecipientState,
  { by, now }: Command<'retry-now'>,
): readonly MailEvent[] | Declined => {
  const declined = notQueued(recipient)
  if (declined !== null) return declined
  if (recipient.held) return new Declined('conflict', `delivery to ${recipient.mailbox} is stopped: unhold it first`)
  if (recipient.state === 'undeliverable')
    return [{ type: 'RetryRequested', data: { recipient: recipient.mailbox, by, dueAt: now } }]
  return recipient.dueAt === null || recipient.dueAt <= now
    ? []
    : [{ type: 'RetryRequested', data: { recipient: recipient.mailbox, by, dueAt: now } }]
}

export const bounce = (recipient: RecipientState, { now }: Command<'bounce'>): readonly MailEvent[] | Declined => {
  if (recipient.state === 'bounced') return []
  return (
    notQueued(recipient) ?? [
      { type: 'Bounced', data: { recipient: recipient.mailbox, host: ADMINISTRATOR, reply: givenUp, at: now } },
    ]
  )
}

/** The `host` of what an administrator gave up on: no server was asked. */
export const ADMINISTRATOR = 'administrator'

const givenUp: Reply = { code: 554, enhancedCode: '5.7.1', text: 'Delivery was stopped by an administrator' }

export const hold = (recipient: RecipientState, { by }: Command<'hold'>): readonly MailEvent[] | Declined =>
  notQueued(recipient) ??
  notWaiting(recipient) ??
  (recipient.held ? [] : [{ type: 'DeliveryHeld', data: { recipient: recipient.mailbox, by } }])

export const unhold = (recipient: RecipientState, { by }: Command<'unhold'>): readonly MailEvent[] | Declined =>
  notQueued(recipient) ??
  (recipient.held ? [{ type: 'DeliveryUnheld', data: { recipient: recipient.mailbox, by } }] : [])

/**
 * Bytes go when every recipient has an outcome, the grace is over and no archive has a copy with them. That other mails need the same bytes, or
 * that a copy is still owed, is not known here.
 */
export const dropContent = (
  mail: Mail,
  { contentHash, reason, now, grace }: Command<'drop-content'>,
): readonly MailEvent[] | Declined => {
  const { accepted } = mail
  if (contentHash !== accepted.contentHash && contentHash !== accepted.outgoing?.contentHash)
    return new Declined('invalid', 'the mail has no such content')
  if (mail.dropped.includes(contentHash)) return []
  for (const [, copy] of mail.copies)
    if (copy.contentHash === contentHash && !copy.purged)
      return new Declined('conflict', `the archive of ${copy.account} keeps the content`)
  const waiting = mail.recipients.find((recipient) => !isFinal(recipient.state))
  if (waiting !== undefined)
    return new Declined('conflict', `the content is still needed: ${waiting.mailbox} is ${waiting.state}`)
  if (now < (mail.lastOutcomeAt ?? accepted.acceptedAt) + grace) {
    return new Declined('conflict', 'the grace after the last outcome is not over')
  }
  return [{ type: 'ContentDropped', data: { contentHash, reason } }]
}

const notWaiting = ({ mailbox, state }: RecipientState): Declined | null =>
  state === 'undeliverable'
    ? new Declined('conflict', `delivery to ${mailbox} is not tried any more: the mail is undeliverable`)
    : null

const notQueued = (recipient: RecipientState): Declined | null => {
  const { mailbox, state, clearedAt } = recipient
  if (isFinal(state))
    return new Declined('conflict', `there is nothing to deliver to ${mailbox} any more: it is ${state}`)
  if (recipient.forwarding === 'forwarded' && !isForHost(recipient))
    return new Declined('conflict', `the mail for ${mailbox} has gone on to where it is forwarded to`)
  return clearedAt === null ? notCleared(recipient) : null
}

const notCleared = ({ mailbox, state }: RecipientState): Declined =>
  new Declined(
    'conflict',
    state === 'quarantined'
      ? `the mail is in quarantine for ${mailbox}`
      : `the mail has not been cleared for ${mailbox} yet`,
  )
