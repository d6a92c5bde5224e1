import { z } from 'zod'
import { eventType, type EventOf } from '../kernel/event-type.ts'
import { instant } from '../kernel/instant.ts'
import { sealed } from '../kernel/sealed.ts'
import { origin } from '../hosted-domain/recipient-source.ts'
import { address } from '../message/mailbox.ts'
import { forwarding } from './forwarding.ts'
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

/**
 * A password of one device, for mail clients only. `hash`: HMAC-SHA-256 in hex of the account and 120 random bits, with a key derived from
 * secret.key. The password itself is nowhere.
 */
export const AppPasswordIssued = eventType(
  'AppPasswordIssued',
  z.object({
    id: z.string(),
    name: z.string().min(1).max(200),
    hash: z.string().regex(/^[0-9a-f]{64}$/),
    at: instant,
  }),
)
export const AppPasswordRevoked = eventType('AppPasswordRevoked', z.object({ id: z.string() }))

/** Every session ends; password, app passwords and tokens are refused until it is reinstated. Mail for it is still taken. `by`: who, as traces show it. */
export const AccountSuspended = eventType(
  'AccountSuspended',
  z.object({ reason: z.string().max(500), by: z.string(), at: instant }),
)
/** What becomes of the mails that were held in the queue because of the suspension. `keep`: they stay there, for one decision each. */
export const heldMails = z.enum(['release', 'bounce', 'keep'])
export type HeldMails = z.output<typeof heldMails>
export const AccountReinstated = eventType('AccountReinstated', z.object({ by: z.string(), held: heldMails }))

/** It may send as this address, too, which is not its own. */
export const SendAsGranted = eventType('SendAsGranted', z.object({ address }))
export const SendAsRevoked = eventType('SendAsRevoked', z.object({ address }))

/** Its mail goes on to these addresses; null: no longer. */
export const ForwardingSet = eventType('ForwardingSet', z.object({ forwarding: forwarding.nullable() }))

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
  AppPasswordIssued,
  AppPasswordRevoked,
  AccountSuspended,
  AccountReinstated,
  SendAsGranted,
  SendAsRevoked,
  ForwardingSet,
] as const
export type AccountEvent = EventOf<typeof accountEventTypes>

export const accountStream = (a: string): `account-${string}` => `account-${a.toLowerCase()}`
