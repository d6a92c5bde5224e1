import { isTemporary, questionKey, type DnsOutcome, type DnsResolver, type DnsType } from '#infra/dns/port'

/** The shape mailauth asks with (its `resolver` option): records, or a rejection bearing the code of node's DNS errors. */
type MailauthResolver = (domain: string, rrtype: string) => Promise<string[][] | string[]>

const CODES: Readonly<Record<Exclude<DnsOutcome, 'ok'>, string>> = {
  nxdomain: 'ENOTFOUND',
  nodata: 'ENODATA',
  servfail: 'ESERVFAIL',
  timeout: 'ETIMEOUT',
  refused: 'EREFUSED',
  error: 'EBADNAME',
}

const TYPES: ReadonlySet<string> = new Set<DnsType>(['A', 'AAAA', 'MX', 'TXT', 'PTR', 'NS', 'CNAME', 'TLSA', 'SOA'])
const isType = (rrtype: string): rrtype is DnsType => TYPES.has(rrtype)

class DnsError extends Error {
  readonly code: string
  constructor(code: string, type: string, name: string) {
    super(`${type} ${name}: ${code}`)
    this.name = 'DnsError'
    this.code = code
  }

  /** Most questions end so, and nobody reads where: taking a stack costs more than the question did. */
  static of(code: string, type: string, name: string): DnsError {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    const error = new DnsError(code, type, name)
    Error.stackTraceLimit = limit
    return error
  }
}

/** Our resolver in mailauth's shape. A type that Mailkeep doesn't ask for is `ENOTIMP`. */
const toMailauthResolver =
  (dns: DnsResolver): MailauthResolver =>
  async (domain, rrtype) => {
    if (!isType(rrtype)) throw DnsError.of('ENOTIMP', rrtype, domain)
    const answer = await dns.query(domain, rrtype)
    if (answer.outcome !== 'ok') throw DnsError.of(CODES[answer.outcome], rrtype, domain)
    // A copy: mailauth sorts lists in place, and the answer belongs to the cache and the evidence.
    return [...answer.records] as string[][] | string[]
  }

export interface MethodDns extends DnsResolver {
  readonly resolve: MailauthResolver
  /** Whether the answer to this question was a temporary failure. */
  failedTemporarily(name: string, type: DnsType): boolean
  /**
   * What the resolver itself threw (it throws for no outcome of the DNS: a replay without the answer, a defect), or null.
   * mailauth takes every rejection for a DNS failure, so the asker has to look here.
   */
  fault(): unknown
  /**
   * When nothing that was asked is still open. mailauth asks for keys ahead and may be done before they are answered; what was
   * asked must be in the record all the same, or a replay would ask what it does not hold.
   */
  settled(): Promise<void>
}

/**
 * The DNS for one method of one mail. Its own budget, so that what one method's names cost (an SPF record of the sender's
 * making) can't starve another of its answers: `questions` different ones, the rest is refused, which is temporary.
 */
export const methodDns = (dns: DnsResolver, questions: number): MethodDns => {
  const asked = new Set<string>()
  const temporary = new Set<string>()
  const open = new Set<Promise<unknown>>()
  let thrown: unknown = null
  const bounded: DnsResolver = {
    async query(name, type) {
      const key = questionKey(name, type)
      asked.add(key)
      if (asked.size > questions) {
        temporary.add(key)
        return { name, type, outcome: 'refused', records: [] }
      }
      const asking = dns.query(name, type)
      open.add(asking)
      try {
        const answer = await asking
        if (isTemporary(answer.outcome)) temporary.add(key)
        return answer
      } catch (error) {
        thrown ??= error
        return { name, type, outcome: 'servfail', records: [] }
      } finally {
        open.delete(asking)
      }
    },
  }
  return {
    ...bounded,
    resolve: toMailauthResolver(bounded),
    failedTemporarily: (name, type) => temporary.has(questionKey(name, type)),
    fault: () => thrown,
    async settled() {
      while (open.size > 0) await Promise.allSettled(open)
    },
  }
}
