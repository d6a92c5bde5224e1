/**
 * DNS as the rest of Mailkeep sees it. Every look-up ends in one of these; none throws for an outcome of the DNS.
 * `servfail`, `timeout` and `refused` are temporary: never judged as a failure of the thing looked up.
 */
export type DnsType = 'A' | 'AAAA' | 'MX' | 'TXT' | 'PTR' | 'NS' | 'CNAME' | 'TLSA' | 'SOA'

export interface DnsAnswer {
  readonly name: string
  readonly type: DnsType
  readonly outcome: 'ok' | 'nxdomain' | 'nodata' | 'servfail' | 'timeout' | 'refused' | 'error'
  /** Records in their usual JSON form: strings for A/AAAA/PTR/NS/CNAME, string[] per TXT record, {exchange, priority} for MX. */
  readonly records: readonly unknown[]
}

export interface DnsResolver {
  query(name: string, type: DnsType): Promise<DnsAnswer>
}
