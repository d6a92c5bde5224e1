import type { Recipient } from '#domain/mail/events'
import { senderMayBeTold } from '#domain/mail/sender-may-be-told'
import type { Mail } from '#domain/mail/state'
import { isAutomatic, isRobot } from '#domain/message/automatic'
import type { ContentStore } from '#infra/content-store/port'
import { headerOf } from '#infra/content-scan/header-of'

/** Where a copy of a report goes: into a mailbox here, or out to where its mail came from. */
export type ReportAddress = Pick<Recipient, 'mailbox' | 'route' | 'forward'>

export interface TellingParts {
  readonly content: Pick<ContentStore, 'open'>
  /** Where mail to an address goes, also where its account forwards it to; none: nowhere, or to several people. */
  readonly reportAddresses: (address: string) => readonly ReportAddress[]
}

/**
 * Whom a report about this mail goes to; null: nobody may be told (design.md §3, no backscatter; RFC 3834 2: no machine answers a machine)
 * or can be. What nobody is told of is kept for an administrator.
 */
export const whomToTell = async (
  { content, reportAddresses }: TellingParts,
  mail: Mail,
): Promise<{ readonly address: string; readonly copies: readonly ReportAddress[] } | null> => {
  const { reversePath, contentHash } = mail.accepted
  if (reversePath === null || !senderMayBeTold(mail) || isRobot(reversePath)) return null
  const copies = reportAddresses(reversePath)
  if (copies.length === 0) return null
  const header = await headerOf(content.open(contentHash))
  return isAutomatic(Buffer.from(header).toString('latin1')) ? null : { address: reversePath, copies }
}
