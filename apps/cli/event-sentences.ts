import type { MailEvent } from '#domain/mail/events'
import type { Reply } from '#domain/message/reply'
import { counted, exactTime, sizeText } from './words.ts'

/** What happened to a mail, one sentence per event, for administrators. */
export const eventSentence = ({ type, data }: MailEvent): string => {
  switch (type) {
    case 'Accepted':
      return `${sizeText(data.size)} from ${data.reversePath ?? '<>'} for ${data.recipients.map(({ address }) => address).join(', ')}`
    case 'ScanDeferred':
      return `${data.scanner} has no answer (${data.reason}); try ${data.attempt + 1} at ${at(data.dueAt)}`
    case 'VirusDetected':
      return `${scannerText(data.scanner)}: ${data.viruses.map(({ name, part }) => (part === '' ? name : `${name} in ${part}`)).join(', ')}`
    case 'ScanCleared':
      return `no virus, says ${scannerText(data.scanner)}`
    case 'FoundUnscannable':
      return `${data.findings.map(({ kind, part, detail }) => `${kind}${part === '' ? '' : ` ${part}`} (${detail})`).join(', ')}; policy: ${data.treatment}`
    case 'Authenticated': {
      const { spf, dkim, dmarc, arc } = data.results
      return `SPF ${spf.result}, DKIM ${dkim.map(({ result }) => result).join(' ') || 'none'}, DMARC ${dmarc.result}, ARC ${arc.result}`
    }
    case 'Whitelisted':
      return `${data.recipient}: allow-list entry ${data.entry} of ${data.list}`
    case 'Blacklisted':
      return `${data.recipient}: block-list entry ${data.entry} of ${data.list}`
    case 'Scored':
      return `${data.recipients.map(({ recipient, score, threshold }) => `${recipient} ${score} of ${threshold}`).join(', ')}; ${counted(data.symbols.length, 'symbol')}, policy version ${data.policyVersion}`
    case 'Quarantined':
      return `for ${data.recipient}: ${data.reason} (${data.detail}); until ${at(data.expiresAt)}`
    case 'Cleared':
      return `for delivery to ${data.recipient}`
    case 'InspectionResumed':
      return `for ${data.recipient}`
    case 'ReleaseRequested':
      return `for ${data.recipient} by ${data.by}${data.trustSender ? ', with trust' : ''}${reasonText(data.reason)}`
    case 'Released':
      return `for ${data.recipient} by ${data.by}${data.trustSender ? ', with trust' : ''}${reasonText(data.reason)}`
    case 'ReleaseRefused':
      return `for ${data.recipient}: ${data.reason}`
    case 'Discarded':
      return `for ${data.recipient} by ${data.by}`
    case 'QuarantineExpired':
      return `for ${data.recipient}`
    case 'Delivered':
      return `to ${data.recipient} by ${data.host}: ${replyText(data.reply)}`
    case 'Deferred':
      return `to ${data.recipient} by ${data.host}: ${replyText(data.reply)}; ${data.cause === 'host-away' ? `tried when the host is back, given up at ${at(data.dueAt)}` : `try ${data.attempt + 1} at ${at(data.dueAt)}`}`
    case 'Bounced':
      return `to ${data.recipient} by ${data.host}: ${replyText(data.reply)}`
    case 'Undeliverable':
      return `to ${data.recipient}, says ${data.host}: ${replyText(data.reply)}; nobody may be told, it waits for an administrator`
    case 'Redirected':
      return `from ${data.recipient} to ${data.to} by ${data.by}`
    case 'QueueExpired':
      return `to ${data.recipient}${data.reply === null ? '' : `, last: ${replyText(data.reply)}`}`
    case 'ReceiptOwed':
      return `to its sender: ${data.host} ${data.handedOn ? 'took it on' : 'has it'} for ${data.recipient}`
    case 'DelayReported':
      return `to its sender: it has not reached ${data.recipient} yet, last: ${replyText(data.reply)}`
    case 'Forwarded':
      return `by ${data.recipient}${data.to.length === 0 ? '' : ` to ${data.to.join(', ')}`}, ${data.keepsCopy ? 'a copy stays' : 'no copy stays'}`
    case 'NotForwarded':
      return `for ${data.recipient}: ${data.reason}`
    case 'ForwardingFailed':
      return `to ${data.to.join(', ')}${data.reply === null ? '' : `: ${replyText(data.reply)}`}; it is delivered to ${data.recipient} after all`
    case 'DeliveryHeld':
    case 'DeliveryUnheld':
    case 'RetryRequested':
      return `to ${data.recipient} by ${data.by}`
    case 'DeliveryClaimed':
      return `to ${data.recipients.join(', ')} by node ${data.node}, until ${at(data.leaseUntil)} at most`
    case 'InspectionClaimed':
      return `by node ${data.node}, until ${at(data.leaseUntil)} at most`
    case 'Archived':
      return `${data.role} by ${data.account}, ${data.retainUntil === null ? 'for ever' : `until ${at(data.retainUntil)} at least`}`
    case 'CopyPurged':
      return `what ${data.account} ${data.role}: its time in the archive was over`
    case 'ContentDropped':
      return `the bytes are gone (${data.reason}), the events stay`
  }
}

export const replyText = ({ code, enhancedCode, text }: Reply): string =>
  [code, enhancedCode, text].filter((part) => part !== null && part !== '').join(' ')

/** The server tells moments as RFC 3339, the log as milliseconds. */
const at = (instant: number | string): string => exactTime(new Date(instant).toISOString())
const scannerText = ({ name, version, database }: { name: string; version: string; database: string }): string =>
  `${name} ${version}/${database.slice(0, 12)}`
const reasonText = (reason: string | null): string => (reason === null ? '' : ` (${reason})`)
