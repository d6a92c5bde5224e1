import { z } from 'zod'
import type { HostedDomains } from '#infra/commands/hosted-domains'
import type { DkimKey } from '#domain/hosted-domain/dkim'
import { zoneText } from '#domain/hosted-domain/dkim'
import type { DnsOutcome, DnsResolver } from '#infra/dns/port'

/**
 * `warning`: it works, but not as well as it could. `unknown`: the DNS has no answer now; never said of what is known not to be there.
 */
export const findingStatus = z.enum(['ok', 'missing', 'wrong', 'warning', 'unknown'])
export type FindingStatus = z.output<typeof findingStatus>

export const finding = z.object({
  check: z.enum(['mx', 'address', 'ptr', 'spf', 'dkim', 'dmarc', 'mta-sts', 'tls-rpt']),
  name: z.string().describe("the record's name"),
  type: z.enum(['MX', 'A', 'PTR', 'TXT']),
  status: findingStatus,
  needed: z.boolean().describe('without it mail is lost or distrusted; else it is good to have'),
  published: z.array(z.string()).describe('as the DNS has it'),
  expected: z.string().nullable().describe("the record's value as it should be"),
  publish: z.string().nullable().describe('what to put into the zone, as a line of a zone file; null: nothing'),
  advice: z.string().describe('how it is and what to do, in a sentence'),
})
export type Finding = z.output<typeof finding>

/** What a check stands on. */
export interface CheckedDomain {
  readonly domain: string
  readonly settings: NonNullable<ReturnType<HostedDomains['current']>>
  readonly keys: readonly DkimKey[]
  readonly dns: DnsResolver
  /** Our name in the MX records. */
  readonly hostname: string
  readonly now: number
}

/** Our addresses: those the domain is set to send from, else those that our name has. `unknown`: the DNS did not say. */
export interface OwnAddresses {
  readonly ofName: readonly string[]
  readonly sending: readonly string[]
  readonly unknown: boolean
}

export const publishTxt = (name: string, text: string): string => `${name}. TXT ${zoneText(text)}`

export const noAnswer = (outcome: DnsOutcome): string =>
  `The DNS gave no answer (${outcome}): nothing is known about it now. Look again later.`
