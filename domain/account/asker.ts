import type { Address } from '../message/mailbox.ts'
import type { Role } from './events.ts'

/** Who asks for something, with the roles that person has now. */
export type Asker =
  | { readonly kind: 'account'; readonly address: Address; readonly roles: readonly Role[] }
  /** At the command line of the machine. */
  | { readonly kind: 'operator' }
  /** Mailkeep itself: the first start, an approval that takes effect. */
  | { readonly kind: 'system' }
