import type { DnsResolver, ValidatedResolver } from './port.ts'

/** Says of an answer that DNSSEC vouches for it: where policy trusts the resolver that says so (RFC 4035 4.9.3). */
export const trustingResolver = (inner: ValidatedResolver): DnsResolver => ({
  async query(asked, type) {
    const { name, outcome, records, authentic } = await inner.resolve(asked, type)
    return { name, type, outcome, records, ...(authentic ? { authentic } : {}) }
  },
})
