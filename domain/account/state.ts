import type { Instant } from '../kernel/instant.ts'
import type { Sealed } from '../kernel/sealed.ts'
import type { Origin } from '../hosted-domain/recipient-source.ts'
import type { Address } from '../message/mailbox.ts'
import type { AccountProfile, HeldMails, Role } from './events.ts'
import type { Forwarding } from './forwarding.ts'

export interface Account extends AccountProfile {
  readonly address: Address
  readonly roles: readonly Role[]
  readonly password: Sealed | null
  readonly source: Origin
  /** Oldest first. */
  readonly sessions: readonly { readonly session: string; readonly tokenHash: string; readonly expiresAt: Instant }[]
  readonly tokens: readonly {
    readonly token: string
    readonly name: string
    readonly tokenHash: string
    readonly scopes: readonly string[]
    readonly expiresAt: Instant
  }[]
  /** Oldest first. */
  readonly appPasswords: readonly AppPassword[]
  /** null: it is not. */
  readonly suspended: { readonly reason: string; readonly by: string; readonly at: Instant } | null
  /** What was decided about held mail when it was reinstated last; null: it never was. */
  readonly heldMails: HeldMails | null
  /** Addresses beside its own and its aliases that it may send as; mailbox keys. */
  readonly sendAs: readonly Address[]
  /** null: its mail stays in its mailbox. */
  readonly forwarding: Forwarding | null
}

export interface AppPassword {
  readonly id: string
  readonly name: string
  readonly hash: string
  readonly issuedAt: Instant
}

/** null: there is none, or no longer. */
export type AccountState = Account | null

export const MAXIMUM_SESSIONS = 100
export const MAXIMUM_TOKENS = 100
export const MAXIMUM_APP_PASSWORDS = 100
export const MAXIMUM_SEND_AS = 200
