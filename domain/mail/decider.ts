import { Declined, fold, isDeclined, type Decider } from '../kernel/decider.ts'
import { archive, recordPurge } from './archiving.ts'
import { claimDelivery, claimInspection } from './claims.ts'
import type { MailCommand } from './commands.ts'
import { bounce, dropContent, hold, recordDelivery, retryNow, unhold } from './delivery.ts'
import { reportDelay } from './notifications.ts'
import { discardUndeliverable, redirect } from './undeliverable.ts'
import type { MailEvent, Scanner } from './events.ts'
import { evolve } from './evolve.ts'
import { forward, outcomesOfForwards } from './forwarding.ts'
import { judge } from './judge.ts'
import { discard, expireQuarantine, requestRelease } from './quarantine.ts'
import { recordReleaseScan, recordScan } from './scan.ts'
import { recipientOf, type Mail, type MailState, type RecipientState } from './state.ts'

type Answer = readonly MailEvent[] | Declined

const decide = (command: MailCommand, mail: MailState): Answer => {
  if (command.kind === 'accept') return accept(mail, command)
  if (mail === null) return new Declined('not-found', 'there is no such mail')
  return withForwards(mail, answerTo(command, mail))
}

/** How a forward fares may be the outcome of who asked for it. */
const withForwards = (mail: Mail, answer: Answer): Answer => {
  if (isDeclined(answer) || answer.length === 0 || !mail.recipients.some(({ forward: asked }) => asked !== undefined))
    return answer
  const after = fold({ initial: mail, evolve }, answer)
  const at = Math.max(...answer.map(({ data }) => ('at' in data ? data.at : 0)))
  return after === null ? answer : [...answer, ...outcomesOfForwards(after, at)]
}

const answerTo = (command: Exclude<MailCommand, { kind: 'accept' }>, mail: Mail): Answer => {
  switch (command.kind) {
    case 'record-scan':
      return recordScan(mail, command)
    case 'judge':
      return judge(mail, command)
    case 'record-release-scan':
      return recordReleaseScan(mail, command)
    case 'claim-delivery':
      return claimDelivery(mail, command)
    case 'claim-inspection':
      return claimInspection(mail, command)
    case 'archive':
      return archive(mail, command)
    case 'record-purge':
      return recordPurge(mail, command)
    case 'drop-content':
      return dropContent(mail, command)
    case 'request-release':
      return forRecipient(mail, command, requestRelease)
    case 'discard':
      return forRecipient(mail, command, discard)
    case 'expire-quarantine':
      return forRecipient(mail, command, expireQuarantine)
    case 'record-delivery':
      return forRecipient(mail, command, recordDelivery)
    case 'record-deliveries':
      return together(command.deliveries.map((delivery) => forRecipient(mail, delivery, recordDelivery)))
    case 'forward':
      return forward(mail, command)
    case 'report-delay':
      return reportDelay(mail, command)
    case 'retry-now':
      return forRecipient(mail, command, retryNow)
    case 'bounce':
      return forRecipient(mail, command, bounce)
    case 'redirect':
      return forRecipient(mail, command, redirect)
    case 'discard-undeliverable':
      return forRecipient(mail, command, discardUndeliverable)
    case 'hold':
      return forRecipient(mail, command, hold)
    case 'unhold':
      return forRecipient(mail, command, unhold)
  }
}

const accept = (mail: MailState, command: Extract<MailCommand, { kind: 'accept' }>): Answer => {
  const data = command.mail
  if (mail !== null) {
    return mail.contentHash === data.contentHash && mail.accepted.reversePath === data.reversePath
      ? []
      : new Declined('conflict', 'another mail has this id')
  }
  const mailboxes = data.recipients.map((recipient) => recipient.mailbox)
  if (mailboxes.length === 0) return new Declined('invalid', 'a mail needs a recipient')
  const twice = firstRepeated(mailboxes)
  if (twice !== undefined) return new Declined('invalid', `${twice} is named twice`)
  const cleared = mailboxes.map((recipient): MailEvent => ({
    type: 'Cleared',
    data: { recipient, at: data.acceptedAt },
  }))
  const accepted: MailEvent = { type: 'Accepted', data }
  switch (data.flow) {
    case 'inbound':
      return [accepted]
    case 'submission':
      return command.scanner === undefined
        ? [accepted]
        : [accepted, scanned(command.scanner, command.unscannable), ...cleared]
    case 'system':
      return [accepted, ...cleared]
  }
}

const scanned = (scanner: Scanner, findings: Extract<MailCommand, { kind: 'accept' }>['unscannable'] = []): MailEvent =>
  findings.length === 0
    ? { type: 'ScanCleared', data: { scanner } }
    : { type: 'FoundUnscannable', data: { findings: [...findings], treatment: 'score', scanner } }

const firstRepeated = (mailboxes: readonly string[]): string | undefined => {
  const seen = new Set<string>()
  return mailboxes.find((mailbox) => seen.size === seen.add(mailbox).size)
}

const forRecipient = <Command extends { readonly recipient: string }>(
  mail: Mail,
  command: Command,
  answer: (recipient: RecipientState, command: Command) => Answer,
): Answer => {
  const recipient = recipientOf(mail, command.recipient)
  return recipient === undefined
    ? new Declined('not-found', `${command.recipient} is no recipient of this mail`)
    : answer(recipient, command)
}

/** All events, or the first reason against one of them. */
const together = (answers: readonly Answer[]): Answer => {
  const events: MailEvent[] = []
  for (const answer of answers) {
    if (answer instanceof Declined) return answer
    events.push(...answer)
  }
  return events
}

export const mailDecider: Decider<MailCommand, MailEvent, MailState> = { initial: null, evolve, decide }
