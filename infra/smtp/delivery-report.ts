import MimeNode from 'nodemailer/lib/mime-node/index.js'
import type { Reply } from '#domain/message/reply'
import { formatReply } from '#domain/message/reply'

/** A delivery status notification (RFC 3464) about one recipient. */
export interface DeliveryReport {
  /** Our host name. */
  readonly hostname: string
  readonly from: { readonly name: string; readonly address: string }
  readonly to: string
  /** With angle brackets. Derived by the caller, so that composing twice gives the same mail. */
  readonly messageId: string
  readonly date: Date
  readonly subject: string
  /** In words for people. */
  readonly text: string
  /** When the mail that failed arrived. */
  readonly arrivedAt: Date
  readonly envelopeId: string
  readonly recipient: {
    /** As given, and the mailbox it stands for. */
    readonly address: string
    readonly mailbox: string
    readonly reply: Reply | null
    /** RFC 3463. */
    readonly status: string
    /** The host that replied; null: it was not another host's word. */
    readonly remoteHost: string | null
    readonly lastAttemptAt: Date
  }
  /** Header of the mail that failed, as it came. */
  readonly originalHeaders: Uint8Array
}

/** RFC 5322 bytes with CRLF line ends: multipart/report (RFC 6522) of words, status and the header of the mail. */
export const composeDeliveryReport = (report: DeliveryReport): Promise<Buffer> => {
  const root = new MimeNode('multipart/report; report-type=delivery-status', {
    newline: '\r\n',
    boundaryPrefix: 'report',
    baseBoundary: report.envelopeId,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  root.setHeader({
    From: report.from,
    To: report.to,
    Subject: report.subject,
    'Message-ID': report.messageId,
    Date: report.date.toUTCString().replace('GMT', '+0000'),
    'Auto-Submitted': 'auto-replied',
  })
  root.createChild('text/plain; charset=utf-8').setContent(report.text)
  root.createChild('message/delivery-status').setContent(status(report))
  root.createChild('text/rfc822-headers; charset=utf-8').setContent(Buffer.from(report.originalHeaders))
  return new Promise((resolve, reject) => {
    root.build((error, message) => (error === null ? resolve(message) : reject(error)))
  })
}

const status = ({ hostname, arrivedAt, envelopeId, recipient }: DeliveryReport): string => {
  const date = (at: Date): string => at.toUTCString().replace('GMT', '+0000')
  const { reply, remoteHost } = recipient
  return [
    `Original-Envelope-Id: ${envelopeId}`,
    `Reporting-MTA: dns; ${hostname}`,
    `Arrival-Date: ${date(arrivedAt)}`,
    '',
    ...(recipient.address === recipient.mailbox ? [] : [`Original-Recipient: ${typed(recipient.address)}`]),
    `Final-Recipient: ${typed(recipient.mailbox)}`,
    'Action: failed',
    `Status: ${recipient.status}`,
    ...(remoteHost === null ? [] : [`Remote-MTA: x-mailkeep; ${oneLine(remoteHost)}`]),
    ...(reply === null ? [] : [`Diagnostic-Code: smtp; ${oneLine(formatReply(reply))}`]),
    `Last-Attempt-Date: ${date(recipient.lastAttemptAt)}`,
    '',
  ].join('\r\n')
}

/** An address beyond ASCII in the form of RFC 6533 3 that needs none. */
const typed = (address: string): string => {
  const plain = oneLine(address)
  return plain === address ? `rfc822; ${address}` : `utf-8; ${plain}`
}

/** Printable ASCII; what is not stands as its code point. */
const oneLine = (text: string): string =>
  text.replaceAll(/[^\x20-\x7e]/gu, (character) => `\\x{${character.codePointAt(0)?.toString(16).toUpperCase() ?? ''}}`)
