import { z } from 'zod'
import { eventType, type EventOf } from '../kernel/event-type.ts'
import { instant } from '../kernel/instant.ts'
import { sealed } from '../kernel/sealed.ts'
import { origin } from '../hosted-domain/recipient-source.ts'
import { address } from '../message/mailbox.ts'
import { sendingQuota } from './sending-quota.ts'

/*
 * Events of an account, stream `account-<address>`. Aliases and groups are kept by the domain, which decides who owns an address.
 * THESE NAMES AND SHAPES ARE THE STORAGE FORMAT.
 */

export const role = z.enum(['user', 'domain-admin', 'admin', 'compliance'])
export type Role = z.output<typeof role>

/** IANA zone name and BCP 47 language. */
export const accountProfile = z.object({
  displayName: z.string().max(200),
  timeZone: z.string().max(64),
  language: z.string().max(35),
  /** null: the default of policy. */
  quota: sendingQuota.nullable(),
})
export type AccountProfile = z.output<typeof accountProfile>

/** `source`: made here, or copied from the domain's LDAP directory. */
export const AccountCreated = eventType(
  'AccountCreated',
  accountProfile.extend({ address, roles: z.array(role), source: origin }),
  { version: 2, upcasts: { 1: (data) => ({ ...(data as object), source: 'own' }) } },
)
export const AccountChanged = eventType('AccountChanged', accountProfile.partial())
export const AccountDeleted = eventType('AccountDeleted', z.object({}))
/** `hash` is a password hash (argon2id) sealed with secret.key. Every session ends. */
export const PasswordSet = eventType('PasswordSet', z.object({ hash: sealed }))
export const RolesChanged = eventType('RolesChanged', z.object({ roles: z.array(role) }))

/** `tokenHash`: SHA-256 of a 256-bit random token, hex. The token itself is nowhere. */
export const SessionOpened = eventType(
  'SessionOpened',
  z.object({ session: z.string(), tokenHash: z.string(), expiresAt: instant, clientAddress: z.string().nullable() }),
)
export const SessionClosed = eventType('SessionClosed', z.object({ session: z.string() }))

export const TokenIssued = eventType(
  'TokenIssued',
  z.object({
    token: z.string(),
    name: z.string().max(200),
    tokenHash: z.string(),
    scopes: z.array(z.string()),
    expiresAt: instant,
  }),
)
export const TokenRevoked = eventType('TokenRevoked', z.object({ token: z.string() }))

export const accountEventTypes = [
  AccountCreated,
  AccountChanged,
  AccountDeleted,
  PasswordSet,
  RolesChanged,
  SessionOpened,
  SessionClosed,
  TokenIssued,
  TokenRevoked,
] as const
export type AccountEvent = EventOf<typeof accountEventTypes>

export const accountStream = (a: string): `account-${string}` => `account-${a.toLowerCase()}`
