import { z } from 'zod'
import { parseDomainName } from '../message/domain-name.ts'

const domainName = z
  .string()
  .max(253)
  .refine((name) => parseDomainName(name) !== null, 'a domain name such as example.org')

/** How it is found out who a mail is from. */
export const authenticationPolicy = z
  .strictObject({
    /** How the policy of a From domain is found: by the public suffix list (RFC 7489), or by walking up its names (DMARCbis). */
    dmarc: z.enum(['rfc7489', 'tree-walk']).default('rfc7489'),
    /** Forwarders (`d=` of their ARC seals) whose word is taken for a mail that passed DMARC when it came to them. */
    trustedSealers: z.array(domainName).max(500).default([]),
  })
  .prefault({})

/** Block lists in which the domains of a mail's links are looked up (RFC 5782 3). */
export const uriBlockLists = z
  .array(
    z.strictObject({
      zone: domainName,
      /** The symbol is URIBL_<name>. */
      name: z.string().regex(/^[A-Z][A-Z\d_]{0,39}$/, 'capital letters, digits and _'),
      weight: z.number().min(-1_000).max(1_000).default(2.5),
      /** Answers that count; null: every one within 127.0.0.0/8. */
      codes: z.array(z.ipv4()).max(100).nullable().default(null),
      /** A name that the list always has, so that one which has died is noticed; null: it has none. */
      testEntry: domainName.nullable().default('test'),
    }),
  )
  .max(20)
  .refine((lists) => new Set(lists.map(({ name }) => name)).size === lists.length, 'each name once')
  .default([])
export type UriBlockList = z.output<typeof uriBlockLists>[number]
