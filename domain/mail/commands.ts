import type { CopyRole, HeaderMailbox } from '../archive/copy.ts'
import type { Instant } from '../kernel/instant.ts'
import type { AuthenticationResults } from '../message/authentication-results.ts'
import type { Address } from '../message/mailbox.ts'
import type { ContentHash } from '../message/content-hash.ts'
import type { Reply } from '../message/reply.ts'
import type { Accepted, Scanner, ScoredSymbol, Transport, UnscannableKind } from './events.ts'
import type { z } from 'zod'

/** What the scan said, with what policy makes of it already looked up by the asker (policy is data). */
export type ScanReport =
  | { readonly outcome: 'clean'; readonly scanner: Scanner }
  | {
      readonly outcome: 'infected'
      readonly scanner: Scanner
      readonly viruses: readonly { name: string; part: string }[]
    }
  | {
      readonly outcome: 'unscannable'
      readonly scanner: Scanner | null
      readonly findings: readonly { kind: UnscannableKind; part: string; detail: string }[]
      readonly treatment: 'hold' | 'score' | 'infected'
    }
  | {
      readonly outcome: 'unavailable'
      readonly scanner: string
      readonly reason: string
      /** When to try again. */
      readonly dueAt: Instant
      /** From when on the mail is held as unscannable while it goes on waiting (acceptance + policy's `giveUpAfter`); absent: never. */
      readonly giveUpAt?: Instant
    }

/** One recipient's disposition as the pure policy found it from evidence, lists and weights. */
export type Verdict =
  | { readonly recipient: Address; readonly verdict: 'whitelisted'; readonly entry: string; readonly list: string }
  | { readonly recipient: Address; readonly verdict: 'blacklisted'; readonly entry: string; readonly list: string }
  /** Held by the attachment policy, before any score. */
  | { readonly recipient: Address; readonly verdict: 'attachment'; readonly detail: string }
  | {
      readonly recipient: Address
      readonly verdict: 'scored'
      readonly score: number
      readonly threshold: number
      readonly detail: string
    }
  /** Never judged (postmaster@, policy off). */
  | { readonly recipient: Address; readonly verdict: 'exempt' }

/** `now` is when; every command is idempotent: carried out twice it yields nothing the second time. */
export type MailCommand =
  | {
      readonly kind: 'accept'
      readonly mail: z.output<typeof Accepted.schema>
      /** Scanned at the edge already (flow `submission`): then nothing but delivery is owed. */
      readonly scanner?: Scanner
      /** What of it could not be looked into, and policy takes all the same. */
      readonly unscannable?: Extract<ScanReport, { outcome: 'unscannable' }>['findings']
    }
  | {
      readonly kind: 'record-scan'
      readonly report: ScanReport
      readonly now: Instant
      /** Of what this puts into quarantine. */
      readonly expiresAt: Instant
    }
  | {
      readonly kind: 'judge'
      readonly authentication: {
        readonly results: AuthenticationResults
        readonly evidence: ContentHash
        readonly header: string
      }
      readonly symbols: readonly ScoredSymbol[]
      readonly policyVersion: number
      readonly evidence: ContentHash
      /** One per recipient. */
      readonly verdicts: readonly Verdict[]
      readonly now: Instant
      readonly expiresAt: Instant
    }
  | {
      readonly kind: 'request-release'
      readonly recipient: Address
      readonly by: string
      readonly trustSender: boolean
      readonly reason: string | null
      /** The asker may release what users can't (viruses, unscannable by policy): an administrator. */
      readonly privileged: boolean
      readonly now: Instant
    }
  /** The scan that releases wait for: it answers every open request of this mail. */
  | { readonly kind: 'record-release-scan'; readonly report: ScanReport; readonly now: Instant }
  | { readonly kind: 'discard'; readonly recipient: Address; readonly by: string; readonly now: Instant }
  | { readonly kind: 'expire-quarantine'; readonly recipient: Address; readonly now: Instant }
  | {
      readonly kind: 'record-delivery'
      readonly recipient: Address
      readonly host: string
      /** Which attempt this reply belongs to, as `nextStep` said: a late or repeated transient reply is told by it. */
      readonly attempt: number
      readonly reply: Reply
      readonly now: Instant
      readonly retry: RetrySchedule
      /** For a mailbox that is full; where absent like any other. */
      readonly mailboxFull?: RetrySchedule
      /** What the reply can't say: the mailbox host, or every server of the destination, could not be used; or it was lost after the end of the message. */
      readonly circumstance?: 'host-away' | 'destination-away' | 'uncertain'
      /** At the end: `bounce` (default) somebody is told, so that the sender knows; `keep` nobody may be, so that an administrator decides. */
      readonly atEnd?: 'bounce' | 'keep'
      /** How the host was spoken to, where it was relayed. */
      readonly transport?: Transport
    }
  /** What came of one transaction, all of it or nothing. */
  | {
      readonly kind: 'record-deliveries'
      readonly deliveries: readonly Extract<MailCommand, { readonly kind: 'record-delivery' }>[]
    }
  /** What was cleared for who forwards it goes on. `refused`: why it may not; null: it may. */
  | { readonly kind: 'forward'; readonly recipient: Address; readonly refused: string | null; readonly now: Instant }
  /** It has waited as long as policy lets it before the submitter is told: `after` milliseconds since it was cleared. */
  | { readonly kind: 'report-delay'; readonly recipient: Address; readonly after: number; readonly now: Instant }
  | { readonly kind: 'retry-now'; readonly recipient: Address; readonly by: string; readonly now: Instant }
  | { readonly kind: 'bounce'; readonly recipient: Address; readonly by: string; readonly now: Instant }
  /** What is undeliverable goes to another mailbox that exists: who asks has looked. */
  | {
      readonly kind: 'redirect'
      readonly recipient: Address
      readonly to: Address
      readonly by: string
      readonly now: Instant
    }
  | { readonly kind: 'discard-undeliverable'; readonly recipient: Address; readonly by: string; readonly now: Instant }
  | { readonly kind: 'hold'; readonly recipient: Address; readonly by: string }
  | { readonly kind: 'unhold'; readonly recipient: Address; readonly by: string }
  /** Before a delivery that may take long, where several nodes share the log, and again to prolong it. `node` claims those that it may. */
  | {
      readonly kind: 'claim-delivery'
      readonly recipients: readonly Address[]
      readonly node: string
      readonly now: Instant
      readonly leaseUntil: Instant
    }
  | { readonly kind: 'claim-inspection'; readonly node: string; readonly now: Instant; readonly leaseUntil: Instant }
  /** Copies that became due of accounts that were subscribed then: who asks has looked. */
  | { readonly kind: 'archive'; readonly copies: readonly CopyToMake[] }
  /** The archive of `account` keeps its copy no longer, as `Purged` there says. */
  | { readonly kind: 'record-purge'; readonly account: Address; readonly role: CopyRole }
  /** One of its contents. `grace`: milliseconds after the last outcome before which bytes stay (storage policy). */
  | {
      readonly kind: 'drop-content'
      readonly contentHash: ContentHash
      readonly reason: string
      readonly now: Instant
      readonly grace: number
    }

/** `held`: it became due in quarantine, as policy wanted. `to`: of the content's header. */
export interface CopyToMake {
  readonly account: Address
  readonly role: CopyRole
  readonly dueAt: Instant
  readonly retainUntil: Instant | null
  readonly held: boolean
  readonly to: readonly HeaderMailbox[]
}

/** Delays in milliseconds before attempt 2, 3, ... (the last one repeats), and how long in all from clearance or release. */
interface RetrySchedule {
  readonly delays: readonly number[]
  readonly expireAfter: number
}
