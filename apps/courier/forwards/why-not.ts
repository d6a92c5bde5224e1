import { DAY, type Instant } from '#domain/kernel/instant'
import { recipientOf, type Mail } from '#domain/mail/state'
import { domainOf, type Address } from '#domain/message/mailbox'
import { aggregates } from '#infra/commands/aggregates'
import type { Policies } from '#infra/commands/policies'
import type { StreamStates } from '#infra/commands/stream-states'
import type { ViewReader } from '#infra/views/port'
import { hasComeRound, type HeaderParts } from './come-round.ts'

export interface AskingParts extends HeaderParts {
  readonly states: StreamStates
  readonly policies: Policies
  readonly views: Pick<ViewReader, 'select'>
  readonly clock: () => Instant
}

/** Why what is cleared for a mailbox or group does not go on to addresses outside, as a sentence goes on; null: it does. */
export const whyNotForwarded = async (parts: AskingParts, mail: Mail, by: Address): Promise<string | null> => {
  const { policies, states } = parts
  const as = recipientOf(mail, by)?.forward?.as
  // A bounce goes back to where its mail came from, whatever is forwarded today.
  if (as === 'return') return null
  await policies.fresh()
  const { forwarding } = policies.current('accounts').document
  const domain = domainOf(by)
  if ((forwarding.domains[domain] ?? forwarding.outside) === 'refuse')
    return `policy lets no mail of ${domain} be forwarded outside`
  if (mail.scan.is === 'infected') return 'it was released with a virus in it'
  if (as !== 'group') {
    const { state: account } = await states.loadNewest(aggregates.account, aggregates.account.stream(by))
    if (account?.suspended) return `${by} is suspended`
  }
  if (await hasComeRound(parts, mail, by)) return 'it came round in a circle: it was forwarded from here before'
  return forwardedToday(parts, by) >= forwarding.mailsPerDay
    ? `${by} has forwarded as many mails as it may in a day (${forwarding.mailsPerDay})`
    : null
}

/** In the last 24 hours, by the view: a bound against floods, which may be a few mails late. */
const forwardedToday = ({ clock, views }: AskingParts, recipient: Address): number =>
  views.select<{ mails: number }>(
    'traffic',
    `SELECT coalesce(sum(count), 0) AS mails FROM {recipients}
      WHERE recipient = :recipient AND hour > :since AND outcome = 'forwarded'`,
    { recipient, since: clock() - DAY },
  )[0]?.mails ?? 0
