import type { Verdict } from '../mail/commands.ts'
import type { Recipient, ScoredSymbol } from '../mail/events.ts'
import { matchSender } from '../mailbox/sender-pattern.ts'
import type { MailboxLists } from '../mailbox/state.ts'
import type { AuthenticationResults } from '../message/authentication-results.ts'
import { parseDomainName } from '../message/domain-name.ts'
import { domainOf, type Address } from '../message/mailbox.ts'
import type { InspectionPolicy } from '../policy/documents.ts'
import { allowEntryApplies } from './guard.ts'
import { score, type ScoringPolicy } from './score.ts'
import { verdictOf } from './verdicts.ts'

/** What held for one recipient when the mail was accepted. */
export interface RecipientCircumstances {
  readonly recipient: Recipient
  /** Their own lists, and those of their domain. */
  readonly own: MailboxLists
  readonly ofDomain: MailboxLists
  /** Of their domain, where it has one of its own. */
  readonly threshold: number | null
  /** The domain's administrator lets no allow entry apply to what is not from its sender. */
  readonly guard: boolean
}

export interface MailToJudge {
  readonly flow: 'inbound' | 'submission' | 'system'
  readonly reversePath: Address | null
  /** Every address of header From and Sender. */
  readonly headerAddresses: readonly Address[]
  readonly recipients: readonly RecipientCircumstances[]
  readonly hostedDomains: ReadonlySet<string>
  readonly results: AuthenticationResults
  /** Names of all that was found. */
  readonly symbols: readonly string[]
  /** A sentence per blocked attachment. */
  readonly blocked: readonly string[]
}

type Policy = Pick<InspectionPolicy, 'threshold' | 'weights' | 'uriBlockLists'>

/** A verdict per recipient and the weighed symbols: from values alone, so that the same values give the same again (design.md §3). */
export const judgeMail = (
  mail: MailToJudge,
  policy: Policy,
  recorded?: ScoringPolicy['recorded'],
): { verdicts: Verdict[]; symbols: ScoredSymbol[] } => {
  const thresholds = mail.recipients.map(({ threshold }) => threshold ?? policy.threshold)
  // A decisive symbol weighs at least the threshold: the highest one, so that it decides for every recipient.
  const scored = score(mail.symbols, {
    threshold: Math.max(...thresholds),
    weights: weightsOf(policy),
    ...(recorded === undefined ? {} : { recorded }),
  })
  const { reversePath, headerAddresses } = mail
  const sender = { reversePath, headerAddresses }
  const verdicts = mail.recipients.map(({ recipient, own, ofDomain, guard }, index) => {
    const applies = allowEntryApplies({
      authentication: mail.results,
      headerFromDomains: headerAddresses.map(domainNameOf),
      envelopeDomain: reversePath === null ? null : domainNameOf(reversePath),
      hostedDomains: mail.hostedDomains,
      submissionAuthenticated: mail.flow === 'submission',
      guard,
    })
    const matchIn = (lists: MailboxLists) => matchSender(applies ? lists : blockingOnly(lists), sender)
    const byOwn = matchIn(own)
    const byDomain = byOwn === null ? matchIn(ofDomain) : null
    return verdictOf(
      {
        recipient,
        match:
          byOwn !== null
            ? { ...byOwn, owner: recipient.mailbox }
            : byDomain !== null
              ? { ...byDomain, owner: `@${domainOf(recipient.mailbox)}` }
              : null,
        allowEntryApplies: applies,
        threshold: thresholds[index]!,
      },
      mail.blocked,
      scored,
    )
  })
  return { verdicts, symbols: [...scored.symbols] }
}

/** Those of policy for single symbols over those of its lists. */
const weightsOf = ({ uriBlockLists, weights }: Policy): Readonly<Record<string, number>> => ({
  ...Object.fromEntries(uriBlockLists.map(({ name, weight }) => [`URIBL_${name}`, weight])),
  ...weights,
})

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
