import type { CopyRole } from '../archive/copy.ts'
import type { Instant } from '../kernel/instant.ts'
import type { Address } from '../message/mailbox.ts'
import { contentOf, isArchivable } from './archiving.ts'
import { isForHost } from './forwarding.ts'
import { copyKey, isFinal, isUndecided, type Claim, type Mail, type MailState } from './state.ts'

/** What is still owed to a mail: a restart needs no other memory. */
export interface NextStep {
  /** For the inspector. `dueAt` null: at once. `attempt` counts from 1. `release-scan`: then `record-release-scan`. */
  readonly inspection: {
    readonly step: 'scan' | 'judge' | 'release-scan'
    readonly dueAt: Instant | null
    readonly attempt: number
  } | null
  /** Recipients whose copy goes on to addresses outside, or not: that comes before any delivery. `attempt` from 1. */
  readonly forwards: readonly { readonly recipient: Address; readonly attempt: number }[]
  /** For the courier. `dueAt` null: at once. `attempt` (from 1) goes into `record-delivery`. */
  readonly deliveries: readonly {
    readonly recipient: Address
    readonly attempt: number
    readonly dueAt: Instant | null
  }[]
  /** Quarantines that will run out. */
  readonly expiries: readonly { readonly recipient: Address; readonly at: Instant }[]
  /** Recipients for whom an administrator stopped delivery attempts. */
  readonly held: readonly Address[]
  /** Recipients for whom an administrator must say what is to be done. */
  readonly undeliverable: readonly Address[]
  /** For the archivist: copies that are due and not made, of those who were subscribed when they became due (which is not known here). */
  readonly copies: readonly { readonly account: Address; readonly role: CopyRole }[]
}

const nothing: NextStep = {
  inspection: null,
  forwards: [],
  deliveries: [],
  expiries: [],
  held: [],
  undeliverable: [],
  copies: [],
}

/** `node`: who asks. What another one has claimed is due when its lease ends. */
export const nextStep = (mail: MailState, node: string | null = null): NextStep => {
  if (mail === null) return nothing
  const open = mail.recipients.filter((recipient) => !isFinal(recipient.state))
  const copies = copiesOf(mail)
  if (open.length === 0) return { ...nothing, copies }
  const cleared = open.filter(({ state, clearedAt }) => clearedAt !== null && state !== 'undeliverable')
  return {
    inspection: inspectionOf(mail, node),
    forwards: cleared
      .filter(({ forwarding, held, redirectedTo }) => forwarding === 'owed' && !held && redirectedTo === null)
      .map(({ mailbox, attempts }) => ({ recipient: mailbox, attempt: attempts + 1 })),
    deliveries: cleared
      .filter((recipient) => !recipient.held && isForHost(recipient))
      .map(({ mailbox, attempts, dueAt, claim }) => ({
        recipient: mailbox,
        attempt: attempts + 1,
        dueAt: afterLease(dueAt, claim, node),
      })),
    expiries: open.flatMap(({ mailbox, state, release, expiresAt }) =>
      state === 'quarantined' && release === null && expiresAt !== null ? [{ recipient: mailbox, at: expiresAt }] : [],
    ),
    held: cleared.filter((recipient) => recipient.held).map((recipient) => recipient.mailbox),
    undeliverable: open.filter(({ state }) => state === 'undeliverable').map(({ mailbox }) => mailbox),
    copies,
  }
}

/** Sent mail is due since it was accepted, received mail since it was cleared, whether or not its host has it. */
const copiesOf = (mail: Mail): NextStep['copies'] => {
  const { accepted, copies, dropped, recipients } = mail
  const sender = accepted.flow === 'submission' ? (accepted.account?.toLowerCase() ?? null) : null
  return [
    ...(sender === null ? [] : [{ account: sender, role: 'sent' as const }]),
    ...recipients.flatMap((recipient) =>
      isArchivable(recipient) && recipient.clearedAt !== null
        ? [{ account: recipient.mailbox, role: 'received' as const }]
        : [],
    ),
  ].filter(
    ({ account, role }) => !copies.has(copyKey(account, role)) && !dropped.includes(contentOf(mail, role).contentHash),
  )
}

const afterLease = (dueAt: Instant | null, claim: Claim | null, node: string | null): Instant | null =>
  claim === null || claim.node === node ? dueAt : Math.max(dueAt ?? claim.until, claim.until)

const inspectionOf = (
  { recipients, scan, releaseScan, inspectionClaim }: NonNullable<MailState>,
  node: string | null,
): NextStep['inspection'] => {
  const due = (at: Instant | null): Instant | null => afterLease(at, inspectionClaim, node)
  const undecided = recipients.some(isUndecided)
  if (scan.is === 'owed') {
    const waiting =
      undecided || recipients.some(({ state, reason }) => state === 'quarantined' && reason === 'unscannable')
    return waiting ? { step: 'scan', dueAt: due(scan.dueAt), attempt: scan.attempts + 1 } : null
  }
  if (undecided) return { step: 'judge', dueAt: due(null), attempt: 1 }
  return recipients.some(({ state, release }) => state === 'quarantined' && release !== null)
    ? { step: 'release-scan', dueAt: due(releaseScan.dueAt), attempt: releaseScan.attempts + 1 }
    : null
}
