import { z } from 'zod'
import { eventType, unchanged, type EventOf } from '../kernel/event-type.ts'
import { instant } from '../kernel/instant.ts'
import { archivedCopy, copyRole } from '../archive/copy.ts'
import { address } from '../message/mailbox.ts'
import { authenticationResults } from '../message/authentication-results.ts'
import { client } from '../message/client.ts'
import { contentHash } from '../message/content-hash.ts'
import { reply } from '../message/reply.ts'

/*
 * Events of a mail, stream `mail-<id>` (design.md §5).
 * THESE NAMES AND SHAPES ARE THE STORAGE FORMAT: a change needs a new version and an upcast.
 * `recipient` is always the mailbox key: recipients of one mail are unique by it.
 */

export const flow = z.enum(['inbound', 'submission', 'system'])
export type Flow = z.output<typeof flow>

export const route = z.enum(['mailbox', 'relay'])
export type Route = z.output<typeof route>

export const quarantineReason = z.enum(['virus', 'unscannable', 'attachment', 'block-list', 'spam'])
export type QuarantineReason = z.output<typeof quarantineReason>

export const unscannableKind = z.enum(['encrypted', 'malformed', 'too-deep', 'too-large', 'bomb', 'unavailable'])
export type UnscannableKind = z.output<typeof unscannableKind>

export const scanner = z.object({ name: z.string(), version: z.string(), database: z.string() })
export type Scanner = z.output<typeof scanner>

export const symbol = z.object({ name: z.string(), weight: z.number(), description: z.string() })
export type ScoredSymbol = z.output<typeof symbol>

/** What the submitter wants to be told about a recipient (RFC 3461 4.1, 4.2); none given: failures and delays. */
export const recipientNotification = z.object({
  notify: z.array(z.enum(['NEVER', 'SUCCESS', 'FAILURE', 'DELAY'])).nullable(),
  /** Original recipient, as it came: `rfc822;x@example.org`, in xtext. */
  orcpt: z.string().max(500).nullable(),
})
export type RecipientNotification = z.output<typeof recipientNotification>

/**
 * What of a mailbox goes on to addresses outside, once it is cleared. `copy`: beside the one for the mailbox; `instead` of it, which gets it only
 * if that fails. For `group` (the members outside) and `return` (the sender behind a return address, see message/srs.ts) there is no
 * mailbox: the address here only stands for them.
 */
export const forward = z.object({
  to: z.array(address).min(1).max(2_000),
  as: z.enum(['copy', 'instead', 'group', 'return']),
})
export type Forward = z.output<typeof forward>

/**
 * `address` as given in RCPT TO; `mailbox` what it resolves to (for `relay`: the address itself, its local part as given).
 * `forwardedBy`: the account, group or return address here that leads outside.
 */
export const recipient = z.object({
  address,
  mailbox: address,
  route,
  notification: recipientNotification.optional(),
  forwardedBy: address.optional(),
  forward: forward.optional(),
})
export type Recipient = z.output<typeof recipient>

export const edgeCheck = z.object({
  check: z.string(),
  result: z.enum(['pass', 'fail', 'none', 'temperror']),
  detail: z.string().nullable(),
})
export type EdgeCheck = z.output<typeof edgeCheck>

/** Content was durable before this; this is durable before the 250. */
export const Accepted = eventType(
  'Accepted',
  z.object({
    flow,
    acceptedAt: instant,
    client,
    reversePath: address.nullable(),
    recipients: z.array(recipient).min(1),
    contentHash,
    size: z.number().int().nonnegative(),
    /** First address of header From, with its display name; null when there is none that can be read. */
    headerFrom: z.object({ address, name: z.string().nullable() }).nullable(),
    /** Every address of header From and Sender: lists and guards look at all of them. */
    headerAddresses: z.array(address),
    subject: z.string().nullable(),
    messageId: z.string().nullable(),
    /** How it came (RFC 3848): ESMTP, ESMTPS, ESMTPSA ...; `internal` for mail of our own. */
    protocol: z.string(),
    tls: z.string().nullable(),
    /** Our name in the greeting: what Received and Authentication-Results say. */
    hostname: z.string(),
    smtputf8: z.boolean(),
    /** The account that submitted it (flow `submission`). */
    account: address.nullable(),
    /** Results of the edge checks, passed or only recorded. */
    checks: z.array(edgeCheck),
    /**
     * What is delivered and relayed of a submission (RFC 6409 8: Date and Message-ID added, Bcc gone); `contentHash` is the original.
     * Absent: they are the same.
     */
    outgoing: z.object({ contentHash, size: z.number().int().nonnegative() }).optional(),
    /** RET and ENVID of the submission (RFC 3461 4.3, 4.4). */
    dsn: z.object({ ret: z.enum(['FULL', 'HDRS']).nullable(), envid: z.string().max(100).nullable() }).optional(),
  }),
  { version: 3, upcasts: { 1: unchanged, 2: unchanged } },
)

/** How a host was spoken to: what was used, and why not better. */
export const transport = z.object({
  /** The IP address and port of the host, where one was reached. */
  address: z.string().max(100).nullable(),
  /** Version and cipher; null: in plain. */
  tls: z.string().max(100).nullable(),
  /** What its certificate was held to (RFC 7672, RFC 8461); null: to nothing. */
  verifiedBy: z.enum(['dane', 'mta-sts', 'certificate']).nullable(),
  /** A sentence: why it was not TLS, or not verified. */
  remark: z.string().max(500).nullable(),
  /** It was told what the submitter wants to be told, and sees to that from here on (RFC 3461 5.2). */
  dsn: z.boolean().optional(),
})
export type Transport = z.output<typeof transport>

/** The scanner had no answer; the mail waits. A due time in an event: no timer knows it. */
export const ScanDeferred = eventType(
  'ScanDeferred',
  z.object({ scanner: z.string(), reason: z.string(), attempt: z.number().int().positive(), dueAt: instant }),
)

export const VirusDetected = eventType(
  'VirusDetected',
  z.object({
    viruses: z.array(z.object({ name: z.string(), part: z.string() })).min(1),
    scanner,
  }),
)

/** Scanned and found nothing. */
export const ScanCleared = eventType('ScanCleared', z.object({ scanner }))

/** The scanner can't look into it. `treatment` is what policy said: `score` goes on (with symbols), the others are held. */
export const FoundUnscannable = eventType(
  'FoundUnscannable',
  z.object({
    findings: z.array(z.object({ kind: unscannableKind, part: z.string(), detail: z.string() })).min(1),
    treatment: z.enum(['hold', 'score', 'infected']),
    /** null when no scanner answered within the time policy gives it (kind `unavailable`). */
    scanner: scanner.nullable(),
  }),
)

/** SPF, DKIM, DMARC, ARC, once per mail; `evidence` is a document in the content store. */
export const Authenticated = eventType(
  'Authenticated',
  z.object({ results: authenticationResults, evidence: contentHash, header: z.string() }),
  // Version 2 knows SPF of HELO, what a signature leaves out, and sealers that vouch.
  { version: 2, upcasts: { 1: unchanged } },
)

/** An allow entry of the recipient or the domain applied: no spam check for this recipient. */
export const Whitelisted = eventType(
  'Whitelisted',
  z.object({ recipient: address, entry: z.string(), list: z.string() }),
)

export const Blacklisted = eventType(
  'Blacklisted',
  z.object({ recipient: address, entry: z.string(), list: z.string() }),
)

/** One per mail: all symbols, the policy's version, score and threshold of each recipient that was judged. */
export const Scored = eventType(
  'Scored',
  z.object({
    symbols: z.array(symbol),
    policyVersion: z.number().int().nonnegative(),
    evidence: contentHash,
    recipients: z.array(z.object({ recipient: address, score: z.number(), threshold: z.number() })).min(1),
  }),
)

/** Again with reason `virus` when a later scan finds one in what is still held. */
export const Quarantined = eventType(
  'Quarantined',
  z.object({ recipient: address, reason: quarantineReason, detail: z.string(), expiresAt: instant }),
)

/** Nothing rules out delivery to this recipient any more; the courier takes over. */
export const Cleared = eventType('Cleared', z.object({ recipient: address, at: instant }))

/** It was held only because no scanner answered for too long; one did now, and its inspection goes on where it stood: pending, no longer in quarantine. */
export const InspectionResumed = eventType('InspectionResumed', z.object({ recipient: address }))

/** Somebody asked for it; it is scanned again before anything moves. `override`: an administrator takes responsibility for what the scanner says. */
export const ReleaseRequested = eventType(
  'ReleaseRequested',
  z.object({
    recipient: address,
    by: z.string(),
    trustSender: z.boolean(),
    reason: z.string().nullable(),
    override: z.boolean(),
  }),
)

/** Out of quarantine, on its way to the inbox; `Cleared` for the same recipient follows in the same append. `scanner` is null where an administrator overrode it. */
export const Released = eventType(
  'Released',
  z.object({
    recipient: address,
    by: z.string(),
    reason: z.string().nullable(),
    trustSender: z.boolean(),
    scanner: scanner.nullable(),
    at: instant,
  }),
)

/** The scan before the release found something: it stays. */
export const ReleaseRefused = eventType('ReleaseRefused', z.object({ recipient: address, reason: z.string() }))

export const Discarded = eventType('Discarded', z.object({ recipient: address, by: z.string(), at: instant }))
export const QuarantineExpired = eventType('QuarantineExpired', z.object({ recipient: address, at: instant }))

/** `transport`: of what was relayed. */
export const Delivered = eventType(
  'Delivered',
  z.object({ recipient: address, host: z.string(), reply, at: instant, transport: transport.optional() }),
  { version: 2, upcasts: { 1: unchanged } },
)

/**
 * Why a delivery waits: `reply` the host said so, or was lost before the end of the message; `mailbox-full`; `host-away` it waits for the
 * mailbox host, which could not be used; `destination-away` no server of the domain that it is relayed to could be used; `uncertain` the host
 * was lost after the end of the message, which it may have delivered.
 */
export const deferral = z.enum(['reply', 'mailbox-full', 'host-away', 'destination-away', 'uncertain'])
export type Deferral = z.output<typeof deferral>

/**
 * `attempt` is the one that failed, from 1; `dueAt` when the next one is due. One that waits for its host is tried as soon as that is back;
 * `dueAt` is then when it is given up.
 */
export const Deferred = eventType(
  'Deferred',
  z.object({
    recipient: address,
    host: z.string(),
    reply,
    attempt: z.number().int().positive(),
    dueAt: instant,
    cause: deferral,
    transport: transport.optional(),
  }),
  { version: 4, upcasts: { 1: (before) => ({ ...(before as object), cause: 'reply' }), 2: unchanged, 3: unchanged } },
)

/** `host` is the mailbox host's name, or `administrator` where one gave up on it. */
export const Bounced = eventType(
  'Bounced',
  z.object({ recipient: address, host: z.string(), reply, at: instant, transport: transport.optional() }),
  { version: 2, upcasts: { 1: unchanged } },
)

/**
 * Refused for good, or tried for as long as policy says, and nobody could be told: no backscatter, no loss. It is kept for an administrator,
 * who redirects it, tries it again or discards it.
 */
export const Undeliverable = eventType(
  'Undeliverable',
  z.object({ recipient: address, host: z.string(), reply, attempt: z.number().int().positive(), at: instant }),
)

/** What was undeliverable goes to another mailbox, `to`; the recipient stays whose copy it is. */
export const Redirected = eventType(
  'Redirected',
  z.object({ recipient: address, to: address, by: z.string(), at: instant }),
)

/** Tried for as long as policy says. */
export const QueueExpired = eventType(
  'QueueExpired',
  z.object({ recipient: address, reply: reply.nullable(), at: instant }),
)

/**
 * Delivered, and its submitter asked to be told (NOTIFY=SUCCESS). `handedOn`: to another server, which does not tell them what becomes of it
 * (RFC 3461 5.2.2).
 */
export const ReceiptOwed = eventType(
  'ReceiptOwed',
  z.object({ recipient: address, host: z.string(), reply, handedOn: z.boolean(), at: instant }),
)

/** It is late, and its submitter is told so, once; it is tried on. */
export const DelayReported = eventType('DelayReported', z.object({ recipient: address, reply, at: instant }))

/**
 * The copy of a recipient goes on to addresses outside: those become recipients of the mail, which `recipient` forwards. `keepsCopy`: one is
 * delivered to the mailbox, too.
 */
export const Forwarded = eventType(
  'Forwarded',
  z.object({ recipient: address, to: z.array(address).max(2_000), keepsCopy: z.boolean(), at: instant }),
)
/** It does not go on, for the reason given: it stays in the mailbox. */
export const NotForwarded = eventType(
  'NotForwarded',
  z.object({ recipient: address, reason: z.string().max(500), at: instant }),
)
/** It did not get to these addresses (`reply`: of the first one), and no copy was kept: it is delivered to the mailbox after all. */
export const ForwardingFailed = eventType(
  'ForwardingFailed',
  z.object({ recipient: address, to: z.array(address).min(1).max(2_000), reply: reply.nullable(), at: instant }),
)

/** An administrator stopped (or resumed) delivery attempts for a recipient. */
export const DeliveryHeld = eventType('DeliveryHeld', z.object({ recipient: address, by: z.string() }))
export const DeliveryUnheld = eventType('DeliveryUnheld', z.object({ recipient: address, by: z.string() }))
/** An administrator asked for the next attempt now. */
export const RetryRequested = eventType(
  'RetryRequested',
  z.object({ recipient: address, by: z.string(), dueAt: instant }),
)

/**
 * A node is about to deliver to them and nobody else may until `leaseUntil`, or until the outcome is there: on a log that several nodes share, before
 * anything that may outlast a subscription's time-out (design.md §3). The same node prolongs it while it works.
 */
export const DeliveryClaimed = eventType(
  'DeliveryClaimed',
  z.object({ recipients: z.array(address).min(1), node: z.string().min(1), leaseUntil: instant }),
)
/** The same for an inspection. */
export const InspectionClaimed = eventType(
  'InspectionClaimed',
  z.object({ node: z.string().min(1), leaseUntil: instant }),
)

/** A copy is in its account's archive: once per mail, account and role, for whoever was subscribed when it became due. */
export const Archived = eventType('Archived', archivedCopy)
/** The account's archive no longer keeps it, as `Purged` there says, and why. */
export const CopyPurged = eventType('CopyPurged', z.object({ account: address, role: copyRole, contentHash }))

/** Nothing needs the bytes any more. The events stay. */
export const ContentDropped = eventType('ContentDropped', z.object({ contentHash, reason: z.string() }))

export const mailEventTypes = [
  Accepted,
  ScanDeferred,
  VirusDetected,
  ScanCleared,
  FoundUnscannable,
  Authenticated,
  Whitelisted,
  Blacklisted,
  Scored,
  Quarantined,
  Cleared,
  InspectionResumed,
  ReleaseRequested,
  Released,
  ReleaseRefused,
  Discarded,
  QuarantineExpired,
  Delivered,
  Deferred,
  Bounced,
  Undeliverable,
  Redirected,
  QueueExpired,
  ReceiptOwed,
  DelayReported,
  Forwarded,
  NotForwarded,
  ForwardingFailed,
  DeliveryHeld,
  DeliveryUnheld,
  RetryRequested,
  DeliveryClaimed,
  InspectionClaimed,
  Archived,
  CopyPurged,
  ContentDropped,
] as const

export type MailEvent = EventOf<typeof mailEventTypes>

/** The stream of one mail. */
export const mailStream = (id: string): `mail-${string}` => `mail-${id}`
