/**
 * DNS as the rest of Mailkeep sees it. Every look-up ends in one of these; none throws for an outcome of the DNS.
 * `servfail`, `timeout` and `refused` are temporary: never judged as a failure of the thing looked up.
 * `error`: the name can't be asked for at all (an empty label, one longer than 63 octets, a name over 253): permanent.
 */
export type DnsType = 'A' | 'AAAA' | 'MX' | 'TXT' | 'PTR' | 'NS' | 'CNAME' | 'TLSA' | 'SOA'

export type DnsOutcome = 'ok' | 'nxdomain' | 'nodata' | 'servfail' | 'timeout' | 'refused' | 'error'

export interface DnsAnswer {
  readonly name: string
  readonly type: DnsType
  readonly outcome: DnsOutcome
  /** Records in their usual JSON form: strings for A/AAAA/PTR/NS/CNAME, string[] per TXT record, {exchange, priority} for MX. */
  readonly records: readonly unknown[]
}

export interface DnsResolver {
  query(name: string, type: DnsType): Promise<DnsAnswer>
}

/** The look-up may succeed later: nothing may be judged from it. */
export const isTemporary = (outcome: DnsOutcome): boolean =>
  outcome === 'servfail' || outcome === 'timeout' || outcome === 'refused'

/** One form per question: lower case, no root dot. Names differ in nothing else (RFC 4343). The form of the form is itself. */
export const questionName = (name: string): string => name.toLowerCase().replace(/(?<=[^.])\.$/, '')

/** The key under which an answer is kept: `TXT example.org`. */
export const questionKey = (name: string, type: DnsType): string => `${type} ${questionName(name)}`
