import type { Instant } from '../kernel/instant.ts'
import type { Sealed } from '../kernel/sealed.ts'
import type { Origin } from '../hosted-domain/recipient-source.ts'
import type { Address } from '../message/mailbox.ts'
import type { AccountProfile, Role } from './events.ts'

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
}

/** null: there is none, or no longer. */
export type AccountState = Account | null

export const MAXIMUM_SESSIONS = 100
export const MAXIMUM_TOKENS = 100
