import type { Projected, Projection, RowReader, Change } from '#domain/kernel/projection'
import { idOf, put, set } from '#domain/kernel/projection'
import { domainOf } from '#domain/message/mailbox'
import type { MailEvent } from '#domain/mail/events'
import { mailTraceTables } from './tables.ts'
import type { MailRow, ParticipantRow, RecipientRow } from './tables.ts'

/** Claims are about who works on it, not about how it fares. */
type TraceEvent = Exclude<
  MailEvent,
  { readonly type: 'DeliveryClaimed' | 'InspectionClaimed' | 'ReceiptOwed' | 'DelayReported' }
>

/** Every mail ever accepted, how each recipient fared and why. */
export const mailTrace: Projection<TraceEvent> = {
  name: 'mail-trace',
  version: 3,
  tables: mailTraceTables,
  types: [
    'Accepted',
    'ScanDeferred',
    'VirusDetected',
    'ScanCleared',
    'FoundUnscannable',
    'Authenticated',
    'Whitelisted',
    'Blacklisted',
    'Scored',
    'Quarantined',
    'Cleared',
    'InspectionResumed',
    'ReleaseRequested',
    'Released',
    'ReleaseRefused',
    'Discarded',
    'QuarantineExpired',
    'Delivered',
    'Deferred',
    'Bounced',
    'Undeliverable',
    'Redirected',
    'QueueExpired',
    'Forwarded',
    'NotForwarded',
    'ForwardingFailed',
    'DeliveryHeld',
    'DeliveryUnheld',
    'RetryRequested',
    'Archived',
    'CopyPurged',
    'ContentDropped',
  ],
  project,
}

function project(event: Projected<TraceEvent>, rows: RowReader): readonly Change[] {
  const mail = idOf(event.stream)
  const at = event.occurredAt
  const ofMail = (values: Partial<MailRow>): readonly Change[] => [set('mails', [mail], values)]
  const ofRecipient = (recipient: string, values: Partial<RecipientRow>): readonly Change[] => [
    set('recipients', [mail, recipient], { ...values, changedAt: at }),
  ]
  switch (event.type) {
    case 'Accepted':
      return accepted(mail, event)
    case 'ScanDeferred':
      return ofMail({ scanWaits: `${event.data.scanner}: ${event.data.reason}` })
    case 'VirusDetected':
      return ofMail({
        viruses: JSON.stringify(event.data.viruses),
        scanner: JSON.stringify(event.data.scanner),
        scanWaits: null,
      })
    case 'ScanCleared':
      return ofMail({ scanner: JSON.stringify(event.data.scanner), scanWaits: null })
    case 'FoundUnscannable':
      return ofMail({
        unscannable: JSON.stringify(event.data.findings),
        scanner: event.data.scanner === null ? null : JSON.stringify(event.data.scanner),
        scanWaits: null,
      })
    case 'Authenticated':
      return ofMail({
        authentication: JSON.stringify(event.data.results),
        authenticationEvidence: event.data.evidence,
      })
    case 'Whitelisted':
      return ofRecipient(event.data.recipient, { listed: 'allow', listEntry: event.data.entry })
    case 'Blacklisted':
      return ofRecipient(event.data.recipient, { listed: 'block', listEntry: event.data.entry })
    case 'Scored':
      return [
        ...ofMail({
          symbols: JSON.stringify(event.data.symbols),
          policyVersion: event.data.policyVersion,
          scoreEvidence: event.data.evidence,
        }),
        ...event.data.recipients.flatMap(({ recipient, score, threshold }) =>
          ofRecipient(recipient, { score, threshold }),
        ),
      ]
    case 'Quarantined':
      return ofRecipient(event.data.recipient, {
        state: 'quarantined',
        reason: event.data.reason,
        detail: event.data.detail,
        expiresAt: event.data.expiresAt,
      })
    case 'Cleared':
      return ofRecipient(event.data.recipient, { cleared: 1 })
    case 'InspectionResumed':
      return ofRecipient(event.data.recipient, { state: 'pending', reason: null, detail: null, expiresAt: null })
    case 'ReleaseRequested':
      return ofRecipient(event.data.recipient, { releaseRequested: 1, releaseRefused: null })
    case 'Released':
      return ofRecipient(event.data.recipient, {
        state: 'pending',
        releaseRequested: 0,
        expiresAt: null,
        releasedBy: event.data.by,
        releaseReason: event.data.reason,
      })
    case 'ReleaseRefused':
      return ofRecipient(event.data.recipient, { releaseRequested: 0, releaseRefused: event.data.reason })
    case 'Discarded':
      return ofRecipient(event.data.recipient, { state: 'discarded', releaseRequested: 0, expiresAt: null })
    case 'QuarantineExpired':
      return ofRecipient(event.data.recipient, { state: 'expired', releaseRequested: 0, expiresAt: null })
    case 'Delivered':
      return ofRecipient(event.data.recipient, {
        state: 'delivered',
        ...outcome(event.data),
        deliveredAt: event.data.at,
      })
    case 'Deferred':
      return ofRecipient(event.data.recipient, {
        state: 'deferred',
        ...outcome(event.data),
        attempt: event.data.attempt,
        dueAt: event.data.dueAt,
      })
    case 'Bounced':
      return ofRecipient(event.data.recipient, { state: 'bounced', ...outcome(event.data) })
    case 'Undeliverable':
      return ofRecipient(event.data.recipient, {
        state: 'undeliverable',
        ...outcome(event.data),
        attempt: event.data.attempt,
        held: 0,
      })
    case 'Redirected':
      return ofRecipient(event.data.recipient, { state: 'pending', redirectedTo: event.data.to })
    case 'QueueExpired':
      return ofRecipient(event.data.recipient, {
        state: 'expired',
        dueAt: null,
        ...(event.data.reply === null ? {} : { reply: JSON.stringify(event.data.reply) }),
      })
    case 'Forwarded':
      return forwarded(mail, event, rows)
    case 'NotForwarded':
      return ofRecipient(event.data.recipient, { detail: `not forwarded: ${event.data.reason}` })
    case 'ForwardingFailed':
      return ofRecipient(event.data.recipient, { detail: `could not be forwarded to ${event.data.to.join(', ')}` })
    case 'DeliveryHeld':
      return ofRecipient(event.data.recipient, { held: 1 })
    case 'DeliveryUnheld':
      return ofRecipient(event.data.recipient, { held: 0 })
    case 'RetryRequested':
      return ofRecipient(event.data.recipient, {
        dueAt: event.data.dueAt,
        ...(rows.get('recipients', [mail, event.data.recipient])?.['state'] === 'undeliverable'
          ? { state: 'deferred' }
          : {}),
      })
    case 'Archived':
    case 'CopyPurged':
      return event.data.role === 'received'
        ? [set('recipients', [mail, event.data.account], { archived: event.type === 'Archived' ? 1 : 0 })]
        : []
    case 'ContentDropped':
      return rows.get('mails', [mail])?.['contentHash'] === event.data.contentHash ? ofMail({ contentDropped: 1 }) : []
  }
}

const outcome = ({ host, reply }: { host: string; reply: unknown }): Partial<RecipientRow> => ({
  host,
  reply: JSON.stringify(reply),
  dueAt: null,
})

const nothingYet = {
  state: 'pending',
  reason: null,
  detail: null,
  score: null,
  threshold: null,
  listed: null,
  listEntry: null,
  cleared: 0,
  releaseRequested: 0,
  releaseRefused: null,
  releasedBy: null,
  releaseReason: null,
  expiresAt: null,
  held: 0,
  attempt: 0,
  dueAt: null,
  host: null,
  reply: null,
  deliveredAt: null,
  redirectedTo: null,
  archived: 0,
} as const satisfies Partial<RecipientRow>

type ForwardedEvent = Extract<Projected<MailEvent>, { readonly type: 'Forwarded' }>

/** They come after those that the mail was accepted for. */
function forwarded(mail: string, { data, occurredAt }: ForwardedEvent, rows: RowReader): readonly Change[] {
  const by = rows.get('recipients', [mail, data.recipient]) as RecipientRow | undefined
  const row = rows.get('mails', [mail]) as MailRow | undefined
  if (by === undefined || row === undefined) return []
  const added = data.to.filter((to) => rows.get('recipients', [mail, to]) === undefined)
  const recipients = added.map((mailbox, place): RecipientRow => ({
    ...nothingYet,
    mail,
    mailbox,
    ordinal: row.recipientCount + place,
    address: by.address,
    domain: domainOf(mailbox),
    route: 'relay',
    cleared: 1,
    forwardedBy: data.recipient,
    changedAt: occurredAt,
  }))
  const known = new Set(recipients.flatMap(({ mailbox }) => participantKeys(mailbox)))
  const participants = [...known].map((address): ParticipantRow => {
    const before = rows.get('participants', [address, mail]) as ParticipantRow | undefined
    return { address, mail, asSender: 0, asAccount: 0, ...before, asRecipient: 1 }
  })
  return [
    set('mails', [mail], { recipientCount: row.recipientCount + added.length }),
    ...recipients.map((recipient) => put('recipients', recipient)),
    ...participants.map((participant) => put('participants', participant)),
  ]
}

type AcceptedEvent = Extract<Projected<MailEvent>, { readonly type: 'Accepted' }>

function accepted(mail: string, event: AcceptedEvent): readonly Change[] {
  const { data } = event
  const row: MailRow = {
    mail,
    flow: data.flow,
    acceptedAt: data.acceptedAt,
    position: event.position,
    clientAddress: data.client.address,
    clientName: data.client.name,
    clientHelo: data.client.helo,
    reversePath: data.reversePath,
    headerFrom: data.headerFrom?.address ?? null,
    headerFromName: data.headerFrom?.name ?? null,
    subject: data.subject,
    messageId: data.messageId,
    size: data.size,
    contentHash: data.contentHash,
    account: data.account,
    protocol: data.protocol,
    tls: data.tls,
    checks: JSON.stringify(data.checks),
    recipientCount: data.recipients.length,
    searchText: searchText(mail, data),
    scanWaits: null,
    scanner: null,
    viruses: null,
    unscannable: null,
    authentication: null,
    authenticationEvidence: null,
    symbols: null,
    policyVersion: null,
    scoreEvidence: null,
    contentDropped: 0,
  }
  const recipients = data.recipients.map(({ address, mailbox, route }, ordinal): RecipientRow => ({
    ...nothingYet,
    mail,
    mailbox,
    ordinal,
    address,
    domain: domainOf(mailbox),
    route,
    forwardedBy: null,
    changedAt: event.occurredAt,
  }))
  return [
    put('mails', row),
    ...recipients.map((recipient) => put('recipients', recipient)),
    ...participants(mail, data).map((participant) => put('participants', participant)),
  ]
}

/** Who took part, each address and each domain once, in lower case. */
function participants(mail: string, data: AcceptedEvent['data']): readonly ParticipantRow[] {
  const found = new Map<string, { asSender: number; asRecipient: number; asAccount: number }>()
  const note = (address: string | null, part: 'asSender' | 'asRecipient' | 'asAccount') => {
    if (address === null) return
    for (const key of participantKeys(address)) {
      const parts = found.get(key) ?? { asSender: 0, asRecipient: 0, asAccount: 0 }
      parts[part] = 1
      found.set(key, parts)
    }
  }
  note(data.reversePath, 'asSender')
  note(data.headerFrom?.address ?? null, 'asSender')
  for (const address of data.headerAddresses.slice(0, MAX_HEADER_ADDRESSES)) note(address, 'asSender')
  note(data.account, 'asAccount')
  for (const { address, mailbox } of data.recipients) {
    note(address, 'asRecipient')
    note(mailbox, 'asRecipient')
  }
  return [...found].map(([address, parts]) => ({ address, mail, ...parts }))
}

const participantKeys = (address: string): readonly string[] => {
  const whole = address.toLowerCase()
  return [whole, `@${domainOf(whole)}`]
}

/** A sender writes header From as he likes; the rows it makes are bounded. */
const MAX_HEADER_ADDRESSES = 20
const MAX_SEARCH_TEXT = 2_000

const searchText = (mail: string, data: AcceptedEvent['data']): string =>
  [
    data.subject,
    data.headerFrom?.address,
    data.headerFrom?.name,
    data.reversePath,
    data.messageId,
    mail,
    ...data.recipients.slice(0, 20).map(({ address }) => address),
  ]
    .filter((part) => part !== null && part !== undefined)
    .join('\n')
    .toLowerCase()
    .slice(0, MAX_SEARCH_TEXT)
