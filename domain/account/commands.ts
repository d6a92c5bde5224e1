import type { Instant } from '../kernel/instant.ts'
import type { Sealed } from '../kernel/sealed.ts'
import type { Origin } from '../hosted-domain/recipient-source.ts'
import type { Address } from '../message/mailbox.ts'
import type { Asker } from './asker.ts'
import type { AccountProfile, HeldMails, Role } from './events.ts'
import type { Forwarding } from './forwarding.ts'

/**
 * Commands of an account. `approved`: a second person approved it (only what carries out an approval says so).
 * Roles come from an administrator, never from oneself; `compliance` only approved (interface.md §4).
 */
export type AccountCommand =
  | {
      readonly kind: 'create-account'
      readonly address: Address
      readonly profile: AccountProfile
      readonly roles: readonly Role[]
      readonly asker: Asker
      readonly source?: Origin
    }
  | { readonly kind: 'change-profile'; readonly changes: Partial<AccountProfile>; readonly asker: Asker }
  | { readonly kind: 'set-password'; readonly hash: Sealed; readonly asker: Asker; readonly approved: boolean }
  | {
      readonly kind: 'change-roles'
      readonly roles: readonly Role[]
      readonly asker: Asker
      readonly approved: boolean
    }
  | { readonly kind: 'delete-account'; readonly asker: Asker }
  /** The password was right. `session` is an id, `tokenHash` SHA-256 in hex of the token. */
  | {
      readonly kind: 'open-session'
      readonly session: string
      readonly tokenHash: string
      readonly expiresAt: Instant
      readonly clientAddress: string | null
    }
  | { readonly kind: 'close-session'; readonly session: string }
  | {
      readonly kind: 'issue-token'
      readonly token: string
      readonly name: string
      readonly tokenHash: string
      readonly scopes: readonly string[]
      readonly expiresAt: Instant
      readonly now: Instant
      /** The longest life policy gives a token, in milliseconds. */
      readonly atMost: number
    }
  | { readonly kind: 'revoke-token'; readonly token: string }
  /** `hash`: as the event says. By its owner, or at the machine. */
  | {
      readonly kind: 'issue-app-password'
      readonly id: string
      readonly name: string
      readonly hash: string
      readonly now: Instant
      readonly asker: Asker
    }
  | { readonly kind: 'revoke-app-password'; readonly id: string; readonly asker: Asker }
  | { readonly kind: 'suspend'; readonly reason: string; readonly now: Instant; readonly asker: Asker }
  | { readonly kind: 'reinstate'; readonly held: HeldMails; readonly asker: Asker }
  /** All of them: what is not among them is revoked. */
  | { readonly kind: 'set-send-as'; readonly addresses: readonly Address[]; readonly asker: Asker }
  /** null: its mail stays in its mailbox. */
  | { readonly kind: 'set-forwarding'; readonly forwarding: Forwarding | null; readonly asker: Asker }
