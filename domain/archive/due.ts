import type { Instant } from '../kernel/instant.ts'
import type { MailEvent } from '../mail/events.ts'
import type { Address } from '../message/mailbox.ts'
import type { CopyRole } from './copy.ts'

/** A copy that an event may make due: it is, if the account was subscribed when the event was written. */
export interface DueCopy {
  readonly account: Address
  readonly role: CopyRole
  readonly at: Instant
  /** Only where policy wants held mail, too. */
  readonly held: boolean
}

/** Events that may make a copy due. */
export const DUE_TYPES = ['Accepted', 'Quarantined', 'Cleared'] as const

/** Sent mail at acceptance, received mail when it is cleared (a release clears), or held. `at`: when the event happened. */
export const dueBy = (event: MailEvent, at: Instant): DueCopy | null => {
  switch (event.type) {
    case 'Accepted': {
      const { account, acceptedAt, flow } = event.data
      return flow === 'submission' && account !== null
        ? { account: account.toLowerCase(), role: 'sent', at: acceptedAt, held: false }
        : null
    }
    case 'Quarantined':
      return event.data.reason === 'virus' ? null : { account: event.data.recipient, role: 'received', at, held: true }
    case 'Cleared':
      return { account: event.data.recipient, role: 'received', at: event.data.at, held: false }
    default:
      return null
  }
}
