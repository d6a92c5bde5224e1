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
  /**
   * Records in their usual JSON form: strings for A/AAAA/PTR/NS/CNAME, string[] per TXT record, {exchange, priority} for MX,
   * `TlsaRecord` for TLSA.
   */
  readonly records: readonly unknown[]
  /** DNSSEC vouches for it, and policy trusts the resolver that says so; absent where one of both isn't so. */
  readonly authentic?: boolean
}

export interface DnsResolver {
  query(name: string, type: DnsType): Promise<DnsAnswer>
}

/** RFC 6698 2.1; `data` is the association in lower-case hexadecimal. */
export interface TlsaRecord {
  readonly certUsage: number
  readonly selector: number
  readonly match: number
  readonly data: string
}

export interface ValidatedAnswer extends DnsAnswer {
  /**
   * The resolver says that DNSSEC vouches for the whole answer, for there being no records too (the AD bit, RFC 4035 3.2.3).
   * What that is worth depends on the resolver and the way to it: policy says whether it is trusted. A forged answer is `servfail`.
   */
  readonly authentic: boolean
  /** The name at the end of the CNAMEs, where there were any; else the name asked for. */
  readonly canonicalName: string
}

/** The DNS, and whether DNSSEC vouches for what it says. */
export interface ValidatedResolver {
  /** Never rejects for an outcome of the DNS. */
  resolve(name: string, type: DnsType): Promise<ValidatedAnswer>
}

/** The look-up may succeed later: nothing may be judged from it. */
export const isTemporary = (outcome: DnsOutcome): boolean =>
  outcome === 'servfail' || outcome === 'timeout' || outcome === 'refused'

/** One form per question: lower case, no root dot. Names differ in nothing else (RFC 4343). The form of the form is itself. */
export const questionName = (name: string): string => name.toLowerCase().replace(/(?<=[^.])\.$/, '')

/** The key under which an answer is kept: `TXT example.org`. */
export const questionKey = (name: string, type: DnsType): string => `${type} ${questionName(name)}`

/** The texts of TXT records: the strings of each joined, as all readers do. */
export const txtTexts = (records: readonly unknown[]): readonly string[] =>
  records.map((record) => (Array.isArray(record) ? record.join('') : String(record)))
