import { domainToASCII } from 'node:url'
import { z } from 'zod'
import { role } from '#domain/account/events'
import { forwarding } from '#domain/account/forwarding'
import { sendingQuota } from '#domain/account/sending-quota'
import { origin } from '#domain/hosted-domain/recipient-source'
import { mailboxKey } from '#domain/message/mailbox'

/** RFC 3339 in UTC. */
export const time = z.string().meta({ format: 'date-time' })
export const toTime = (instant: number): string => new Date(instant).toISOString()
export const toTimeOrNull = (instant: number | null): string | null => (instant === null ? null : toTime(instant))

/** A moment as a client writes it, as milliseconds. */
export const timeGiven = z
  .string()
  .max(40)
  .refine(
    (text) =>
      /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text) && !Number.isNaN(Date.parse(text)),
    {
      message: 'expected a time as RFC 3339 has it, e.g. 2026-05-03T14:00:00Z, or a date',
    },
  )
  .transform((text) => Date.parse(text))

/** A hosted domain's name in lower-case A-labels. */
export const domainName = z
  .string()
  .min(1)
  .max(253)
  .transform((text) => domainToASCII(text.trim().replace(/\.$/, '')).toLowerCase())
  .refine((name) => /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)+$/.test(name), {
    message: 'expected a domain name, e.g. example.org',
  })

/** The key of a mailbox: everything in lower case, the domain in A-labels. */
const toMailbox = (text: string): string => {
  const at = text.lastIndexOf('@')
  return mailboxKey(`${text.slice(0, at)}@${domainToASCII(text.slice(at + 1)) || text.slice(at + 1)}`)
}

export const mailbox = z
  .string()
  .min(3)
  .max(320)
  .regex(/^[^@\s\p{Cc}]{1,64}@[^@\s\p{Cc}]+$/u, 'expected an address, e.g. ann@example.org')
  .transform(toMailbox)

export const mailId = z
  .string()
  .regex(/^[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{26}$/, 'expected a mail id: the 26 characters of the 250 reply')
  .transform((id) => id.toUpperCase())

export const password = z
  .string()
  .min(1)
  .refine((text) => Buffer.byteLength(text) <= 1_024, { message: 'expected at most 1,024 bytes' })

export const reasonText = z.string().trim().min(1, 'expected a sentence that says why').max(1_000)

export const timeZone = z
  .string()
  .max(64)
  .refine((name) => isTimeZone(name), { message: 'expected an IANA time zone, e.g. Europe/Vienna' })

export const language = z
  .string()
  .max(35)
  .refine((tag) => isLanguage(tag), { message: 'expected a language tag (BCP 47), e.g. en or de-AT' })

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

function isLanguage(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

export const roles = z.array(role)

/** interface.md §4. */
export const accountShape = z
  .object({
    address: z.string(),
    displayName: z.string(),
    roles,
    aliases: z.array(z.string()),
    timeZone: z.string(),
    language: z.string(),
    quota: sendingQuota,
    suspended: z.boolean(),
    sendAs: z.array(z.string()).describe('beside its own address and aliases'),
    forwarding: forwarding.nullable().describe('where its mail goes on to'),
    source: origin.describe('`ldap`: copied from the LDAP directory of its domain'),
  })
  .meta({ id: 'Account' })
