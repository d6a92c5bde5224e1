import type { Recipient } from '#domain/mail/events'
import { domainOf } from '#domain/message/mailbox'
import type { MailToJudge, RecipientCircumstances } from '#domain/scoring/judge-mail'
import type { HostedDomains } from '#infra/commands/hosted-domains'
import { listsAsOf, type ListsAsOf } from '#infra/commands/lists'
import type { EventLog, Position } from '#infra/event-log/port'

export interface Circumstances extends Pick<MailToJudge, 'hostedDomains' | 'recipients'> {
  /** The lists among them that are there, with their revisions. */
  readonly lists: readonly (readonly [owner: string, revision: number])[]
}

/** What each recipient's lists and domain said at `position`, that of the mail's `Accepted`. */
export const circumstancesAsOf = async (
  { log, domains }: { readonly log: EventLog; readonly domains: HostedDomains },
  recipients: readonly Recipient[],
  position: Position,
): Promise<Circumstances> => {
  const known = new Map<string, ListsAsOf>()
  const listsOf = async (owner: string): Promise<ListsAsOf> => {
    const before = known.get(owner)
    if (before !== undefined) return before
    const lists = await listsAsOf(log, owner, position)
    known.set(owner, lists)
    return lists
  }
  const found: RecipientCircumstances[] = []
  for (const recipient of recipients) {
    const domain = domainOf(recipient.mailbox)
    const settings = domains.asOf(domain, position)
    found.push({
      recipient,
      own: (await listsOf(recipient.mailbox)).lists,
      ofDomain: (await listsOf(`@${domain}`)).lists,
      threshold: settings?.threshold ?? null,
      guard: settings?.allowListGuard ?? true,
    })
  }
  return {
    recipients: found,
    hostedDomains: new Set(domains.namesAsOf(position)),
    lists: [...known].flatMap(([owner, { revision }]) => (revision === null ? [] : [[owner, revision] as const])),
  }
}
