import type { DigestWishes } from './digest-wishes.ts'

/**
 * Commands of the lists and digest wishes of one mailbox or one domain. `entry` as typed: `local@domain`, `@domain` or `.domain`; the decider brings it
 * into canonical form or declines it as `invalid`. Who may is a matter of the route: the stream's name is the owner.
 */
export type MailboxListsCommand =
  | { readonly kind: 'allow-sender'; readonly entry: string; readonly note: string | null }
  | { readonly kind: 'block-sender'; readonly entry: string; readonly note: string | null }
  | { readonly kind: 'remove-entry'; readonly entry: string; readonly list: 'allow' | 'block' }
  | { readonly kind: 'set-digest-wishes'; readonly wishes: DigestWishes | null }
