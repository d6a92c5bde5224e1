import type { Verdict } from '#domain/mail/commands'
import type { ScoredSymbol } from '#domain/mail/events'
import type { Mail } from '#domain/mail/state'
import { matchSender } from '#domain/mailbox/sender-pattern'
import type { MailboxLists } from '#domain/mailbox/state'
import { parseDomainName } from '#domain/message/domain-name'
import { domainOf } from '#domain/message/mailbox'
import type { InspectionPolicy } from '#domain/policy/documents'
import { allowEntryApplies } from '#domain/scoring/guard'
import { edgeSymbols, unscannableSymbols } from '#domain/scoring/edge-symbols'
import { score } from '#domain/scoring/score'
import { verdictOf } from '#domain/scoring/verdicts'
import type { HostedDomains } from '#infra/commands/hosted-domains'
import { listsAsOf } from '#infra/commands/lists'
import type { EventLog, Position } from '#infra/event-log/port'
import type { Judgement } from './inspection.ts'

export interface Judging {
  readonly log: EventLog
  readonly domains: HostedDomains
  readonly mail: Mail
  readonly judgement: Judgement
  readonly policy: InspectionPolicy
  /** Of the mail's `Accepted`: lists and settings count as of then. */
  readonly position: Position
}

/** Gathers what each recipient's lists and domain said when the mail was accepted, and asks the pure rules. */
export const judge = async ({
  log,
  domains,
  mail,
  judgement,
  policy,
  position,
}: Judging): Promise<{ verdicts: Verdict[]; symbols: ScoredSymbol[] }> => {
  const { accepted } = mail
  const thresholds = mail.recipients.map(
    ({ mailbox }) => domains.asOf(domainOf(mailbox), position)?.threshold ?? policy.threshold,
  )
  // A decisive symbol weighs at least the threshold: the highest one, so that it decides for every recipient.
  const found = [
    ...judgement.symbols,
    ...edgeSymbols(accepted.checks),
    ...(mail.scan.is === 'scored' ? unscannableSymbols(mail.scan.kinds) : []),
  ]
  const scored = score(found, { threshold: Math.max(...thresholds), weights: policy.weights })
  const hostedDomains = new Set(domains.namesAsOf(position))
  const sender = { reversePath: accepted.reversePath, headerAddresses: accepted.headerAddresses }
  const ofDomain = new Map<string, MailboxLists>()

  const verdicts: Verdict[] = []
  for (const [index, recipient] of mail.recipients.entries()) {
    const domain = domainOf(recipient.mailbox)
    const applies = allowEntryApplies({
      authentication: judgement.results,
      headerFromDomains: accepted.headerAddresses.map(domainNameOf),
      envelopeDomain: accepted.reversePath === null ? null : domainNameOf(accepted.reversePath),
      hostedDomains,
      submissionAuthenticated: accepted.flow === 'submission',
      guard: domains.asOf(domain, position)?.allowListGuard ?? true,
    })
    const matchIn = (lists: MailboxLists) => matchSender(applies ? lists : blockingOnly(lists), sender)
    const own = matchIn(await listsAsOf(log, recipient.mailbox, position))
    if (own === null && !ofDomain.has(domain)) ofDomain.set(domain, await listsAsOf(log, `@${domain}`, position))
    const ofTheDomain = own === null ? matchIn(ofDomain.get(domain)!) : null
    verdicts.push(
      verdictOf(
        {
          recipient,
          match:
            own !== null
              ? { ...own, owner: recipient.mailbox }
              : ofTheDomain !== null
                ? { ...ofTheDomain, owner: `@${domain}` }
                : null,
          allowEntryApplies: applies,
          threshold: thresholds[index]!,
        },
        judgement.blockedAttachments,
        scored,
      ),
    )
  }
  return { verdicts, symbols: [...scored.symbols] }
}

/** An allow entry that the guard rules out stands in no block entry's way. */
const blockingOnly = ({ entries }: MailboxLists) => ({
  entries: {
    get: (entry: string) => {
      const found = entries.get(entry)
      return found?.list === 'block' ? found : undefined
    },
  },
})

/** In the form that hosted domains have. */
const domainNameOf = (address: string): string => parseDomainName(domainOf(address)) ?? domainOf(address)
