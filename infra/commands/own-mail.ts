import { createHash } from 'node:crypto'
import { encodeTime } from 'ulid'
import { isDeclined, type Declined } from '#domain/kernel/decider'
import type { Instant } from '#domain/kernel/instant'
import type { Recipient } from '#domain/mail/events'
import type { ContentStore } from '#infra/content-store/port'
import type { RecordedEvent } from '#infra/event-log/port'
import type { Commands } from './commands.ts'

/** A mail of Mailkeep's own (flow `system`) that an event brings about, as bytes and as what lists will show of it. */
export interface OwnMail {
  /** As `ownMailId` derives it. */
  readonly id: string
  readonly raw: Uint8Array
  readonly acceptedAt: Instant
  readonly from: { readonly name: string; readonly address: string }
  /** To mailboxes here unless `route` says otherwise. */
  readonly recipients: readonly (Pick<Recipient, 'address' | 'mailbox' | 'forward'> &
    Partial<Pick<Recipient, 'route'>>)[]
  readonly subject: string
  readonly messageId: string
  readonly hostname: string
}

export interface OwnMailParts {
  readonly commands: Pick<Commands, 'mail'>
  readonly content: Pick<ContentStore, 'put'>
  readonly clock: () => Instant
}

/** Content durable, then `Accepted`, from `<>`. An id that was accepted before yields nothing. Answers why not, if it was declined. */
export const acceptOwnMail = async (
  { clock, commands, content }: OwnMailParts,
  mail: OwnMail,
  { part, correlationId }: { readonly part: string; readonly correlationId: string },
): Promise<Declined | null> => {
  const { hash, size } = await content.put(mail.raw)
  const accepted = await commands.mail(
    mail.id,
    {
      kind: 'accept',
      mail: {
        flow: 'system',
        acceptedAt: mail.acceptedAt,
        client: { address: '127.0.0.1', name: null, helo: null },
        reversePath: null,
        recipients: mail.recipients.map((recipient) => ({ route: 'mailbox', ...recipient })),
        contentHash: hash,
        size,
        headerFrom: mail.from,
        headerAddresses: [mail.from.address],
        subject: mail.subject,
        messageId: mail.messageId,
        protocol: 'internal',
        tls: null,
        hostname: mail.hostname,
        smtputf8: false,
        account: null,
        checks: [],
      },
    },
    { actor: { kind: 'system', part }, now: clock(), commandId: mail.id, correlationId },
  )
  return isDeclined(accepted) ? accepted : null
}

/** The sender of a mail of our own: a host name without a domain is no place to answer to. */
export const ownAddress = (local: string, hostname: string): string =>
  `${local}@${hostname.includes('.') ? hostname : `${hostname}.invalid`}`

const ENCODING = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** A ULID whose random part is taken from the event's id: the same event and purpose, the same mail. */
export const ownMailId = (purpose: string, event: RecordedEvent): string => {
  const digest = createHash('sha256').update(`${purpose}\n${event.id}`).digest()
  return (
    encodeTime(event.metadata.occurredAt) + [...digest.subarray(0, 16)].map((byte) => ENCODING[byte % 32]!).join('')
  )
}
