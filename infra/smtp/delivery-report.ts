import MimeNode from 'nodemailer/lib/mime-node/index.js'
import type { Reply } from '#domain/message/reply'
import { formatReply } from '#domain/message/reply'
import { rfc5322Date } from './rfc5322-date.ts'

/** A delivery status notification (RFC 3464) about one recipient. */
export interface DeliveryReport {
  /** Our host name. */
  readonly hostname: string
  readonly from: { readonly name: string; readonly address: string }
  readonly to: string
  /** With angle brackets. Derived by the caller, so that composing twice gives the same mail. */
  readonly messageId: string
  /** Between its parts; derived likewise. */
  readonly boundary: string
  readonly date: Date
  readonly subject: string
  /** In words for people. */
  readonly text: string
  /** When the mail it is about arrived. */
  readonly arrivedAt: Date
  /** ENVID as it was given, in xtext (RFC 3461 4.4). */
  readonly envelopeId: string | null
  readonly recipient: {
    readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed'
    /** As given, and the mailbox it stands for. */
    readonly address: string
    readonly mailbox: string
    /** ORCPT as it was given: type;xtext (RFC 3461 4.2). */
    readonly originalRecipient: string | null
    readonly reply: Reply | null
    /** RFC 3463. */
    readonly status: string
    /** The host that replied; null: it was not another host's word. */
    readonly remoteHost: string | null
    readonly at: Date
    /** Until when a delayed mail is tried. */
    readonly giveUpAt: Date | null
  }
  /** The mail it is about: its header as it came, or all of it. */
  readonly original: { readonly headers: Uint8Array } | { readonly message: Uint8Array }
}

/** RFC 5322 bytes with CRLF line ends: multipart/report (RFC 6522) of words, status and what comes back of the mail. */
export const composeDeliveryReport = (report: DeliveryReport): Promise<Buffer> => {
  const root = new MimeNode('multipart/report; report-type=delivery-status', {
    newline: '\r\n',
    boundaryPrefix: 'report',
    baseBoundary: report.boundary,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  root.setHeader({
    From: report.from,
    To: report.to,
    Subject: report.subject,
    'Message-ID': report.messageId,
    Date: rfc5322Date(report.date.getTime()),
    'Auto-Submitted': 'auto-replied',
  })
  root.createChild('text/plain; charset=utf-8').setContent(report.text)
  root.createChild('message/delivery-status').setContent(status(report))
  if ('message' in report.original) root.createChild('message/rfc822').setContent(Buffer.from(report.original.message))
  else root.createChild('text/rfc822-headers; charset=utf-8').setContent(Buffer.from(report.original.headers))
  return new Promise((resolve, reject) => {
    root.build((error, message) => (error === null ? resolve(message) : reject(error)))
  })
}

/** RFC 3464 2.2, 2.3. */
const status = ({ hostname, arrivedAt, envelopeId, recipient }: DeliveryReport): string => {
  const { reply, remoteHost, giveUpAt } = recipient
  return [
    ...(envelopeId === null ? [] : [`Original-Envelope-Id: ${oneLine(fromXtext(envelopeId))}`]),
    `Reporting-MTA: dns; ${hostname}`,
    `Arrival-Date: ${rfc5322Date(arrivedAt.getTime())}`,
    '',
    ...originalRecipient(recipient),
    `Final-Recipient: ${typed(recipient.mailbox)}`,
    `Action: ${recipient.action}`,
    `Status: ${recipient.status}`,
    ...(remoteHost === null ? [] : [`Remote-MTA: ${remoteMta(remoteHost)}`]),
    ...(reply === null ? [] : [`Diagnostic-Code: smtp; ${oneLine(formatReply(reply))}`]),
    ...(recipient.action === 'delayed' ? [] : [`Last-Attempt-Date: ${rfc5322Date(recipient.at.getTime())}`]),
    ...(giveUpAt === null ? [] : [`Will-Retry-Until: ${rfc5322Date(giveUpAt.getTime())}`]),
    '',
  ].join('\r\n')
}

/** What the submitter named it (ORCPT); else the address as given, where it stands for another. */
const originalRecipient = ({ address, mailbox, originalRecipient: orcpt }: DeliveryReport['recipient']): string[] => {
  if (orcpt === null) return address === mailbox ? [] : [`Original-Recipient: ${typed(address)}`]
  const semicolon = orcpt.indexOf(';')
  return [
    `Original-Recipient: ${oneLine(orcpt.slice(0, semicolon))}; ${oneLine(fromXtext(orcpt.slice(semicolon + 1)))}`,
  ]
}

/** A host by its name in the DNS, or however else Mailkeep speaks to it. */
const remoteMta = (host: string): string => {
  const [, name] = /^([a-z\d-]+(?:\.[a-z\d-]+)+)(?::\d+)?$/i.exec(host) ?? []
  return name === undefined ? `x-mailkeep; ${oneLine(host)}` : `dns; ${name}`
}

/** RFC 3461 4: `+2B` stands for a plus. What is no xtext stays as it is. */
const fromXtext = (text: string): string =>
  text.replaceAll(/\+([\dA-F]{2})/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))

/** An address beyond ASCII in the form of RFC 6533 3 that needs none. */
const typed = (address: string): string => {
  const plain = oneLine(address)
  return plain === address ? `rfc822; ${address}` : `utf-8; ${plain}`
}

/** Printable ASCII; what is not stands as its code point. */
const oneLine = (text: string): string =>
  text.replaceAll(/[^\x20-\x7e]/gu, (character) => `\\x{${character.codePointAt(0)?.toString(16).toUpperCase() ?? ''}}`)
