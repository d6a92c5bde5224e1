import { Declined } from '../kernel/decider.ts'
import type { Instant } from '../kernel/instant.ts'
import type { MailCommand } from './commands.ts'
import type { MailEvent } from './events.ts'
import { isForHost } from './forwarding.ts'
import { nextStep } from './next-step.ts'
import { isFinal, recipientOf, type Claim, type Mail, type RecipientState } from './state.ts'

/** Another node works on it, or its lease is not over yet: it may have died. */
export const isClaimedByAnother = (claim: Claim | null, node: string | null, now: Instant): boolean =>
  claim !== null && claim.node !== node && claim.until > now

/** Those of the recipients that are owed and nobody else's. The append at the exact revision makes it certain. */
export const claimDelivery = (
  mail: Mail,
  { recipients, node, now, leaseUntil }: Extract<MailCommand, { kind: 'claim-delivery' }>,
): readonly MailEvent[] | Declined => {
  const free = recipients.flatMap((mailbox) => {
    const recipient = recipientOf(mail, mailbox)
    return recipient !== undefined && isOwed(recipient) && !isClaimedByAnother(recipient.claim, node, now)
      ? [recipient]
      : []
  })
  if (free.length === 0)
    return new Declined('conflict', 'nothing is to be delivered, or another node delivers it at the moment')
  if (free.every(({ claim }) => isHeldUntil(claim, node, leaseUntil))) return []
  return [{ type: 'DeliveryClaimed', data: { recipients: free.map(({ mailbox }) => mailbox), node, leaseUntil } }]
}

export const claimInspection = (
  mail: Mail,
  { node, now, leaseUntil }: Extract<MailCommand, { kind: 'claim-inspection' }>,
): readonly MailEvent[] | Declined => {
  const { inspectionClaim } = mail
  if (nextStep(mail).inspection === null) return new Declined('conflict', 'nothing is to be inspected')
  if (isClaimedByAnother(inspectionClaim, node, now))
    return new Declined('conflict', 'another node inspects it at the moment')
  return isHeldUntil(inspectionClaim, node, leaseUntil)
    ? []
    : [{ type: 'InspectionClaimed', data: { node, leaseUntil } }]
}

const isOwed = (recipient: RecipientState): boolean =>
  !isFinal(recipient.state) &&
  recipient.state !== 'undeliverable' &&
  recipient.clearedAt !== null &&
  isForHost(recipient)

const isHeldUntil = (claim: Claim | null, node: string, leaseUntil: Instant): boolean =>
  claim !== null && claim.node === node && claim.until >= leaseUntil
