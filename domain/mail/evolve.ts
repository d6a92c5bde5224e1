import type { Address } from '../message/mailbox.ts'
import type { MailEvent, UnscannableKind } from './events.ts'
import {
  accepted,
  forwardedTo,
  copyKey,
  recipientOf,
  type Mail,
  type MailState,
  type RecipientState,
  type ScanState,
} from './state.ts'

/** Folds one fact into a mail. Can't fail: facts about a recipient or a mail that isn't there change nothing. */
export const evolve = (state: MailState, event: MailEvent): MailState => {
  if (event.type === 'Accepted') return state ?? accepted(event.data)
  return state === null ? null : evolveMail(state, event)
}

const evolveMail = (mail: Mail, event: Exclude<MailEvent, { type: 'Accepted' }>): Mail => {
  switch (event.type) {
    case 'ScanDeferred': {
      const { attempt, dueAt } = event.data
      const waiting: Mail = { ...mail, inspectionClaim: null }
      return mail.scan.is === 'owed'
        ? { ...waiting, scan: { ...mail.scan, attempts: attempt, dueAt } }
        : { ...waiting, releaseScan: { attempts: attempt, dueAt } }
    }
    case 'VirusDetected':
      return {
        ...mail,
        scan: { is: 'infected', names: event.data.viruses.map((virus) => virus.name) },
        inspectionClaim: null,
      }
    case 'ScanCleared':
      return { ...mail, scan: { is: 'clean', scanner: event.data.scanner } }
    case 'FoundUnscannable': {
      const kinds = event.data.findings.map((finding) => finding.kind)
      if (kinds.includes('unavailable')) {
        return mail.scan.is === 'owed' ? { ...mail, scan: { ...mail.scan, gaveUp: true } } : mail
      }
      // What is scored is still to be judged by whoever has it in hand; for the others inspection is over.
      const { treatment } = event.data
      const claim = treatment === 'score' ? {} : { inspectionClaim: null }
      return { ...mail, scan: scanTreated(treatment, kinds), ...claim }
    }
    case 'Authenticated':
      return { ...mail, judged: true, authentication: event.data, inspectionClaim: null }
    case 'Whitelisted':
    case 'Blacklisted':
      return mail
    case 'Scored': {
      const { symbols, policyVersion, evidence, recipients } = event.data
      return recipients.reduce<Mail>(
        (scored, { recipient, score, threshold }) => change(scored, recipient, { score, threshold }),
        { ...mail, symbols, policyVersion, evidence },
      )
    }
    case 'Quarantined': {
      const { recipient, reason, expiresAt } = event.data
      return change(mail, recipient, { state: 'quarantined', reason, expiresAt })
    }
    case 'Cleared':
      return change(mail, event.data.recipient, { clearedAt: event.data.at })
    case 'InspectionResumed':
      return change(mail, event.data.recipient, { state: 'pending', reason: null, expiresAt: null })
    case 'ReleaseRequested': {
      const { recipient, by, reason, trustSender } = event.data
      return change(mail, recipient, { release: { by, reason, trustSender } })
    }
    case 'Released': {
      const { recipient, by, reason, trustSender } = event.data
      const released = { by, reason, trustSender }
      return answered(change(mail, recipient, { state: 'pending', released, release: null, expiresAt: null }))
    }
    case 'ReleaseRefused':
      return answered(change(mail, event.data.recipient, { release: null }))
    case 'Discarded':
      return answered(ended(mail, event.data.recipient, event.data.at, { state: 'discarded' }))
    case 'QuarantineExpired':
      return ended(mail, event.data.recipient, event.data.at, { state: 'expired' })
    case 'Delivered': {
      const { recipient, at, host, reply } = event.data
      return ended(mail, recipient, at, { state: 'delivered', host, reply })
    }
    case 'Deferred': {
      const { recipient, attempt, dueAt, host, reply, cause } = event.data
      return change(mail, recipient, {
        state: 'deferred',
        attempts: attempt,
        dueAt,
        host,
        reply,
        deferral: cause,
        claim: null,
      })
    }
    case 'Undeliverable': {
      const { recipient, attempt, host, reply } = event.data
      return change(mail, recipient, { state: 'undeliverable', attempts: attempt, host, reply, ...atRest })
    }
    case 'Redirected': {
      const { recipient, to, at } = event.data
      // It goes to a mailbox here, wherever it was going before.
      const route = 'mailbox'
      return change(mail, recipient, { state: 'pending', route, redirectedTo: to, clearedAt: at, ...atRest })
    }
    case 'Bounced': {
      const { recipient, at, host, reply } = event.data
      return ended(mail, recipient, at, { state: 'bounced', host, reply })
    }
    case 'QueueExpired': {
      const { recipient, at, reply } = event.data
      return ended(mail, recipient, at, { state: 'expired', ...(reply === null ? {} : { reply }) })
    }
    case 'ReceiptOwed':
      return mail
    case 'DelayReported':
      return change(mail, event.data.recipient, { delayReported: true })
    case 'Forwarded':
      return forwarded(mail, event.data)
    case 'NotForwarded':
      return change(mail, event.data.recipient, { forwarding: 'kept' })
    case 'ForwardingFailed': {
      const { recipient, at } = event.data
      return change(mail, recipient, { forwarding: 'kept', clearedAt: at })
    }
    case 'DeliveryHeld':
      return change(mail, event.data.recipient, { held: true })
    case 'DeliveryUnheld':
      return change(mail, event.data.recipient, { held: false })
    case 'RetryRequested':
      return retried(mail, event.data.recipient, event.data.dueAt)
    case 'DeliveryClaimed': {
      const { recipients, node, leaseUntil } = event.data
      return recipients.reduce(
        (claimed, recipient) => change(claimed, recipient, { claim: { node, until: leaseUntil } }),
        mail,
      )
    }
    case 'InspectionClaimed':
      return { ...mail, inspectionClaim: { node: event.data.node, until: event.data.leaseUntil } }
    case 'Archived': {
      const { account, role, contentHash, size, dueAt, retainUntil } = event.data
      const copy = { account, role, contentHash, size, dueAt, retainUntil, purged: false }
      return { ...mail, copies: mail.copies.with(copyKey(account, role), copy) }
    }
    case 'CopyPurged': {
      const key = copyKey(event.data.account, event.data.role)
      const copy = mail.copies.get(key)
      return copy === undefined ? mail : { ...mail, copies: mail.copies.with(key, { ...copy, purged: true }) }
    }
    case 'ContentDropped':
      return { ...mail, dropped: [...mail.dropped, event.data.contentHash] }
    default:
      event satisfies never
      return mail
  }
}

const scanTreated = (treatment: 'score' | 'hold' | 'infected', kinds: readonly UnscannableKind[]): ScanState => {
  switch (treatment) {
    case 'score':
      return { is: 'scored', kinds }
    case 'hold':
      return { is: 'held', kinds }
    case 'infected':
      return { is: 'infected', names: kinds }
  }
}

const atRest = { dueAt: null, deferral: null, held: false, claim: null } as const

/** For what was undeliverable the time that policy gives it begins anew. */
const retried = (mail: Mail, mailbox: Address, dueAt: number): Mail => {
  const before = recipientOf(mail, mailbox)
  return before?.state === 'undeliverable'
    ? change(mail, mailbox, { state: 'deferred', clearedAt: dueAt, dueAt })
    : change(mail, mailbox, { dueAt })
}

const forwarded = (
  mail: Mail,
  { recipient, to, at }: Extract<MailEvent, { readonly type: 'Forwarded' }>['data'],
): Mail => {
  const by = recipientOf(mail, recipient)
  if (by === undefined) return mail
  const added = to.filter((address) => !mail.places.has(address)).map((address) => forwardedTo(address, by, at))
  const places = new Map(mail.places)
  for (const one of added) places.set(one.mailbox, places.size)
  return change({ ...mail, recipients: [...mail.recipients, ...added], places }, recipient, { forwarding: 'forwarded' })
}

const change = (mail: Mail, mailbox: Address, changes: Partial<RecipientState>): Mail => {
  const place = mail.places.get(mailbox)
  const before = place === undefined ? undefined : mail.recipients[place]
  if (place === undefined || before === undefined) return mail
  return { ...mail, recipients: mail.recipients.with(place, { ...before, ...changes }) }
}

const ended = (mail: Mail, mailbox: Address, at: number, changes: Partial<RecipientState>): Mail => ({
  ...change(mail, mailbox, { ...changes, release: null, dueAt: null, expiresAt: null, claim: null }),
  lastOutcomeAt: Math.max(at, mail.lastOutcomeAt ?? 0),
})

/** With its last open release a mail forgets who scans it, and how often that was put off. */
const answered = (mail: Mail): Mail =>
  mail.recipients.some((recipient) => recipient.release !== null)
    ? mail
    : { ...mail, releaseScan: { attempts: 0, dueAt: null }, inspectionClaim: null }
