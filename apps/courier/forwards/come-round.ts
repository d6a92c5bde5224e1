import type { Mail } from '#domain/mail/state'
import type { Address } from '#domain/message/mailbox'
import { aggregates } from '#infra/commands/aggregates'
import type { StreamStates } from '#infra/commands/stream-states'
import type { ContentStore } from '#infra/content-store/port'
import { headerOf } from '#infra/content-scan/header-of'

export interface HeaderParts {
  readonly content: Pick<ContentStore, 'open'>
  readonly states: StreamStates
}

/** So many times through here are looked at, the last ones. The listener bounds the hops altogether. */
const MOST_LOOKED_AT = 10

/** As `receivedHeader` writes it. */
const OUR_RECEIVED = /^Received:[^\r\n]* \(Mailkeep\) with \S+ id ([0-9A-HJKMNP-TV-Z]{26})\b/gim

/**
 * Whether a mail was here before and went out from the same mailbox or group: an address outside sends back what it gets. Told by the mail ids in
 * its Received lines, which the log knows; one that somebody made up is in nobody's log.
 */
export const hasComeRound = async (
  { content, states }: HeaderParts,
  { accepted }: Mail,
  by: Address,
): Promise<boolean> => {
  const header = Buffer.from(await headerOf(content.open(accepted.contentHash))).toString('latin1')
  const unfolded = header.replaceAll(/\r\n(?=[ \t])/g, '').replaceAll('\t', ' ')
  const ids = new Set([...unfolded.matchAll(OUR_RECEIVED)].map(([, id = '']) => id.toUpperCase()))
  for (const id of [...ids].slice(0, MOST_LOOKED_AT)) {
    const { state } = await states.loadNewest(aggregates.mail, aggregates.mail.stream(id))
    const wentOn = state?.recipients.some(
      ({ mailbox, forwarding, forwardedBy }) => forwardedBy === by || (mailbox === by && forwarding === 'forwarded'),
    )
    if (wentOn === true) return true
  }
  return false
}
