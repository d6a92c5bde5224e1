import { formatReply } from '#domain/message/reply'
import { BY_FORWARDING } from '#domain/mail/forwarding'
import { whyNotDelivered } from '#domain/mail/why-not-delivered'
import type { Mail, RecipientState } from '#domain/mail/state'
import type { ReportedEvent } from './reported.ts'

/** In the subject of a report, before that of the mail it is about. */
export const headline = (event: ReportedEvent): string => {
  switch (event.type) {
    case 'Bounced':
    case 'QueueExpired':
      return 'Not delivered'
    case 'DelayReported':
      return 'Delayed'
    case 'ReceiptOwed':
      return event.data.handedOn ? 'Handed on' : 'Delivered'
  }
}

/** The report as a person reads it. `giveUpAt`: until when a delayed mail is tried. */
export const words = (
  { accepted }: Mail,
  { address }: RecipientState,
  event: ReportedEvent,
  giveUpAt: Date,
): string => {
  const yours = `Your mail of ${new Date(accepted.acceptedAt).toUTCString()}`
  switch (event.type) {
    case 'Bounced':
      return paragraphs(`${yours} was not delivered to ${address}.`, whyOf(event), `The reply was:${quoted(event)}`)
    case 'QueueExpired':
      return paragraphs(
        `${yours} could not be delivered to ${address} within the time it is tried for, and is given up.`,
        whyOf(event),
        event.data.reply === null ? null : `The last reply was:${quoted(event)}`,
      )
    case 'DelayReported':
      return paragraphs(
        `${yours} has not been delivered to ${address} yet. It is tried again until ${giveUpAt.toUTCString()}; you need not send it again.`,
        whyOf(event),
        `The last reply was:${quoted(event)}`,
      )
    case 'ReceiptOwed':
      if (event.data.host === BY_FORWARDING)
        return paragraphs(`${yours} to ${address} was forwarded: that is the last that can be known here.`)
      return event.data.handedOn
        ? paragraphs(
            `${yours} to ${address} was handed on to ${event.data.host}, which sends no receipts: that is the last that can be known here.`,
          )
        : paragraphs(`${yours} was delivered to ${address}.`)
  }
}

const whyOf = ({ data: { reply } }: ReportedEvent): string | null => (reply === null ? null : whyNotDelivered(reply))

const quoted = ({ data: { reply } }: ReportedEvent): string => (reply === null ? '' : `\n\n    ${formatReply(reply)}`)

const paragraphs = (...texts: (string | null)[]): string => `${texts.filter((text) => text !== null).join('\n\n')}\n`
