import { senderMayBeTold } from '#domain/mail/sender-may-be-told'
import type { Mail } from '#domain/mail/state'
import { isAutomatic, isRobot } from '#domain/message/automatic'
import type { ContentStore } from '#infra/content-store/port'
import { headerOf } from '#infra/content-scan/header-of'

/** Where a report goes: into a mailbox here, or out to where its mail came from. */
export interface ReportAddress {
  readonly mailbox: string
  readonly route: 'mailbox' | 'relay'
}

export interface TellingParts {
  readonly content: Pick<ContentStore, 'open'>
  /** Where mail to an address goes; null: nowhere, or to more than one. */
  readonly reportAddress: (address: string) => ReportAddress | null
}

/**
 * Whom a report about this mail goes to; null: nobody may be told (design.md §3, no backscatter; RFC 3834 2: no machine answers a machine)
 * or can be. What nobody is told of is kept for an administrator.
 */
export const whomToTell = async (
  { content, reportAddress }: TellingParts,
  mail: Mail,
): Promise<(ReportAddress & { readonly address: string }) | null> => {
  const { reversePath, contentHash } = mail.accepted
  if (reversePath === null || !senderMayBeTold(mail) || isRobot(reversePath)) return null
  const to = reportAddress(reversePath)
  if (to === null) return null
  const header = await headerOf(content.open(contentHash))
  return isAutomatic(Buffer.from(header).toString('latin1')) ? null : { ...to, address: reversePath }
}
