import { Resolver } from 'node:dns/promises'
import { LRUCache } from 'lru-cache'
import { isAskableName } from './names.ts'
import { questionKey, questionName, type DnsAnswer, type DnsOutcome, type DnsResolver, type DnsType } from './port.ts'
import { reachability } from './reachability.ts'
import { stayOf } from './stay.ts'

export interface SystemResolverOptions {
  /** `ip` or `ip:port` (`[v6]:port`); empty or absent: what the system is set to. */
  readonly servers?: readonly string[]
  /** Of one try, ms. */
  readonly timeoutMs?: number
  readonly tries?: number
  /** Answers kept; the oldest goes first. */
  readonly cacheEntries?: number
  /** Questions on the wire at once; beyond it the answer is `refused` (temporary). */
  readonly outstanding?: number
}

const OUTCOMES: Readonly<Record<string, DnsOutcome>> = {
  ENOTFOUND: 'nxdomain',
  ENODATA: 'nodata',
  ESERVFAIL: 'servfail',
  ETIMEOUT: 'timeout',
  EREFUSED: 'refused',
  EBADNAME: 'error',
  EBADQUERY: 'error',
}

/** Codes that say: no server answered. */
const SILENCE: ReadonlySet<string> = new Set(['ETIMEOUT', 'ECONNREFUSED', 'ECANCELLED'])

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')

/** Anything the table doesn't know (connection refused, a malformed answer, cancelled) is a server failure: temporary. */
const outcomeOf = (code: string): DnsOutcome => OUTCOMES[code] ?? 'servfail'

const clientOf = ({ servers }: SystemResolverOptions, timeout: number, tries: number): Resolver => {
  const client = new Resolver({ timeout, tries })
  if (servers !== undefined && servers.length > 0) client.setServers([...servers])
  return client
}

const ask = async (
  resolver: Resolver,
  name: string,
  type: DnsType,
): Promise<{ records: readonly unknown[]; ttl: number | null }> => {
  if (type === 'A' || type === 'AAAA') {
    const found =
      type === 'A' ? await resolver.resolve4(name, { ttl: true }) : await resolver.resolve6(name, { ttl: true })
    return { records: found.map((record) => record.address), ttl: Math.min(...found.map((record) => record.ttl)) }
  }
  switch (type) {
    case 'MX':
      return {
        records: (await resolver.resolveMx(name)).map(({ exchange, priority }) => ({ exchange, priority })),
        ttl: null,
      }
    case 'TXT':
      return { records: await resolver.resolveTxt(name), ttl: null }
    case 'PTR':
      // Not reverse(): that one reads /etc/hosts.
      return { records: await resolver.resolvePtr(name), ttl: null }
    case 'NS':
      return { records: await resolver.resolveNs(name), ttl: null }
    case 'CNAME':
      return { records: await resolver.resolveCname(name), ttl: null }
    case 'SOA':
      return { records: [await resolver.resolveSoa(name)], ttl: null }
    case 'TLSA':
      // The association in hexadecimal: an ArrayBuffer would not survive JSON.
      return {
        records: (await resolver.resolveTlsa(name)).map(({ certUsage, selector, match, data }) => ({
          certUsage,
          selector,
          match,
          data: Buffer.from(data).toString('hex'),
        })),
        ttl: null,
      }
  }
}

/**
 * The DNS through the system's (or the given) servers: cached within bounds, the same question asked once at a time; while no
 * server answers at all, every question is a `timeout` at once.
 * Never throws for an outcome of the DNS; a malformed server address throws here, at the start.
 */
export const systemResolver = (options: SystemResolverOptions = {}): DnsResolver => {
  const resolver = clientOf(options, options.timeoutMs ?? 2_000, options.tries ?? 2)
  const prober = clientOf(options, Math.min(1_000, options.timeoutMs ?? 1_000), 1)
  const watch = reachability(async () => {
    try {
      await prober.resolveNs('.')
      return true
    } catch (error) {
      return !SILENCE.has(codeOf(error))
    }
  })
  const cache = new LRUCache<string, DnsAnswer>({ max: options.cacheEntries ?? 20_000 })
  const underWay = new Map<string, Promise<DnsAnswer>>()
  const outstanding = options.outstanding ?? 2_000

  const look = async (key: string, name: string, type: DnsType): Promise<DnsAnswer> => {
    let answer: DnsAnswer
    let ttl: number | null = null
    try {
      const found = await ask(resolver, name, type)
      watch.answered()
      ttl = found.ttl
      answer = { name, type, outcome: found.records.length === 0 ? 'nodata' : 'ok', records: found.records }
    } catch (error) {
      const code = codeOf(error)
      if (!SILENCE.has(code)) watch.answered()
      answer = { name, type, outcome: outcomeOf(code), records: [] }
    }
    cache.set(key, answer, { ttl: stayOf(answer.outcome, ttl) })
    return answer
  }

  return {
    async query(asked, type) {
      const name = questionName(asked)
      if (!isAskableName(name)) return { name, type, outcome: 'error', records: [] }
      const key = questionKey(name, type)
      const known = cache.get(key) ?? underWay.get(key)
      if (known !== undefined) return known
      if (watch.isAway()) return { name, type, outcome: 'timeout', records: [] }
      if (underWay.size >= outstanding) return { name, type, outcome: 'refused', records: [] }
      const looking = look(key, name, type).finally(() => underWay.delete(key))
      underWay.set(key, looking)
      // Whoever asks waits no longer than it takes to find out that nobody is there; the answer itself may still come and be kept.
      const away = watch.foundAway().then((): DnsAnswer => ({ name, type, outcome: 'timeout', records: [] }))
      return Promise.race([looking, away])
    },
  }
}
