import type { CopyRole } from '../archive/copy.ts'
import type { Instant } from '../kernel/instant.ts'
import { emptyMap, type PersistentMap } from '../kernel/persistent-map.ts'
import type { AuthenticationResults } from '../message/authentication-results.ts'
import type { Address } from '../message/mailbox.ts'
import type { ContentHash } from '../message/content-hash.ts'
import type { Reply } from '../message/reply.ts'
import type {
  Accepted,
  Deferral,
  QuarantineReason,
  Recipient,
  Scanner,
  ScoredSymbol,
  UnscannableKind,
} from './events.ts'
import type { z } from 'zod'

/** `expired` is both: a queue that gave up and a quarantine that ran out (then `reason` says why it was held). */
export type RecipientOutcome =
  | 'pending'
  | 'quarantined'
  | 'delivered'
  | 'deferred'
  | 'bounced'
  | 'expired'
  | 'discarded'
  | 'undeliverable'

interface ReleaseRequest {
  readonly by: string
  readonly reason: string | null
  readonly trustSender: boolean
}

/** A node works on it, nobody else may until then. */
export interface Claim {
  readonly node: string
  readonly until: Instant
}

export interface RecipientState extends Recipient {
  readonly state: RecipientOutcome
  /** Why it is or was held; stays after a release. */
  readonly reason: QuarantineReason | null
  readonly score: number | null
  readonly threshold: number | null
  /** Nothing rules out delivery since then; null while inspection or quarantine does. */
  readonly clearedAt: Instant | null
  readonly released: { readonly by: string; readonly reason: string | null; readonly trustSender: boolean } | null
  /** A release that waits for its scan. */
  readonly release: ReleaseRequest | null
  /** End of the quarantine. */
  readonly expiresAt: Instant | null
  /** Delivery attempts made. */
  readonly attempts: number
  /** The next attempt; null: at once. */
  readonly dueAt: Instant | null
  /** The submitter was told that it is late. */
  readonly delayReported: boolean
  /** An administrator stopped delivery attempts. */
  readonly held: boolean
  /** Why it waits for its next attempt; null: it doesn't, or was never tried. */
  readonly deferral: Deferral | null
  /** Where what goes on to addresses outside stands: `kept`, it stays in the mailbox; null: nothing goes on. */
  readonly forwarding: 'owed' | 'forwarded' | 'kept' | null
  /** The mailbox it goes to instead of its own. */
  readonly redirectedTo: Address | null
  /** The mailbox host's last reply. */
  readonly reply: Reply | null
  readonly host: string | null
  /** Of its delivery; gone with the outcome of the attempt. */
  readonly claim: Claim | null
}

export type ScanState =
  /** Not yet scanned: `attempts` were in vain. `gaveUp`: held as unscannable meanwhile. */
  | {
      readonly is: 'owed'
      readonly attempts: number
      readonly dueAt: Instant | null
      readonly gaveUp: boolean
    }
  | { readonly is: 'clean'; readonly scanner: Scanner }
  /** Policy lets it be judged by score. */
  | { readonly is: 'scored'; readonly kinds: readonly UnscannableKind[] }
  /** Held by policy; a user may still have it released. */
  | { readonly is: 'held'; readonly kinds: readonly UnscannableKind[] }
  /** A virus, or what policy treats as one. */
  | { readonly is: 'infected'; readonly names: readonly string[] }
  /** Mail of our own. */
  | { readonly is: 'needless' }

/** What the archive has of it, or had. */
export interface Copy {
  readonly account: Address
  readonly role: CopyRole
  readonly contentHash: ContentHash
  readonly size: number
  readonly dueAt: Instant
  readonly retainUntil: Instant | null
  readonly purged: boolean
}

export const copyKey = (account: Address, role: CopyRole): string => `${role} ${account}`

/** A mail. `accepted` is what came in, unchanged. */
export interface Mail {
  readonly accepted: z.output<typeof Accepted.schema>
  readonly recipients: readonly RecipientState[]
  /** Place of a mailbox in `recipients`. */
  readonly places: ReadonlyMap<Address, number>
  readonly scan: ScanState
  /** The scan that open releases wait for, put off while the scanner is away. */
  readonly releaseScan: { readonly attempts: number; readonly dueAt: Instant | null }
  readonly inspectionClaim: Claim | null
  readonly judged: boolean
  readonly authentication: {
    readonly results: AuthenticationResults
    readonly evidence: ContentHash
    readonly header: string
  } | null
  readonly symbols: readonly ScoredSymbol[]
  readonly policyVersion: number | null
  readonly evidence: ContentHash | null
  readonly contentHash: ContentHash
  /** Contents of it that nothing needed any more. */
  readonly dropped: readonly ContentHash[]
  /** By `copyKey`. */
  readonly copies: PersistentMap<Copy>
  /** When the newest final outcome came about; null while there is none. */
  readonly lastOutcomeAt: Instant | null
}

/** As it is right after acceptance. */
export const accepted = (data: z.output<typeof Accepted.schema>): Mail => ({
  accepted: data,
  recipients: data.recipients.map((recipient) => ({
    ...recipient,
    ...untouched,
    forwarding: recipient.forward === undefined ? null : 'owed',
  })),
  places: new Map(data.recipients.map((recipient, place) => [recipient.mailbox, place])),
  scan: data.flow === 'system' ? { is: 'needless' } : { is: 'owed', attempts: 0, dueAt: null, gaveUp: false },
  releaseScan: { attempts: 0, dueAt: null },
  inspectionClaim: null,
  judged: false,
  authentication: null,
  symbols: [],
  policyVersion: null,
  evidence: null,
  contentHash: data.contentHash,
  dropped: [],
  copies: emptyMap(),
  lastOutcomeAt: null,
})

/** A recipient that `by` forwards its copy to, which was cleared. */
export const forwardedTo = (to: Address, by: RecipientState, at: Instant): RecipientState => ({
  ...untouched,
  address: by.address,
  mailbox: to,
  route: 'relay',
  forwardedBy: by.mailbox,
  clearedAt: at,
})

const untouched = {
  state: 'pending',
  reason: null,
  score: null,
  threshold: null,
  clearedAt: null,
  released: null,
  release: null,
  expiresAt: null,
  attempts: 0,
  dueAt: null,
  delayReported: false,
  held: false,
  deferral: null,
  forwarding: null,
  redirectedTo: null,
  reply: null,
  host: null,
  claim: null,
} as const satisfies Omit<RecipientState, keyof Recipient>

/** null: nothing was accepted under this id. */
export type MailState = Mail | null

export const recipientOf = (mail: Mail, mailbox: Address): RecipientState | undefined => {
  const place = mail.places.get(mailbox)
  return place === undefined ? undefined : mail.recipients[place]
}

/** Neither cleared nor held: inspection owes it a verdict. */
export const isUndecided = ({ state, clearedAt }: RecipientState): boolean => state === 'pending' && clearedAt === null

/** Nothing more happens to it by itself or by command. */
export const isFinal = (state: RecipientOutcome): boolean =>
  state !== 'pending' && state !== 'quarantined' && state !== 'deferred' && state !== 'undeliverable'

/** The mailbox that its copy goes to. */
export const destinationOf = ({ mailbox, redirectedTo }: Pick<RecipientState, 'mailbox' | 'redirectedTo'>): Address =>
  redirectedTo ?? mailbox
