import { getServers } from 'node:dns'
import { LRUCache } from 'lru-cache'
import { exchange, serverAddress } from './dns-exchange.ts'
import type { Question, Understood } from './dns-message.ts'
import { isAskableName } from './names.ts'
import {
  isTemporary,
  questionKey,
  questionName,
  type DnsOutcome,
  type DnsResolver,
  type DnsType,
  type ValidatedAnswer,
  type ValidatedResolver,
} from './port.ts'
import { reachability } from './reachability.ts'
import { stayOf } from './stay.ts'

export interface SystemResolverOptions {
  /** `ip` or `ip:port` (`[v6]:port`); empty or absent: what the system is set to. */
  readonly servers?: readonly string[]
  /** Of one try, ms. */
  readonly timeoutMs?: number
  /** Of each server. */
  readonly tries?: number
  /** Answers kept; the oldest goes first. */
  readonly cacheEntries?: number
  /** Questions on the wire at once; beyond it the answer is `refused` (temporary). */
  readonly outstanding?: number
  /** Milliseconds that only go up: what the age of an answer is measured by. */
  readonly now?: () => number
}

/** Both readings of one resolver: `query` leaves out what DNSSEC says. */
export interface SystemResolver extends DnsResolver, ValidatedResolver {}

interface Kept {
  readonly answer: ValidatedAnswer
  readonly until: number
}

/** Aliases followed from one answer to the next. */
const MAX_ALIASES = 8

/**
 * The DNS through the system's (or the given) servers, which recurse: cached for as long as its answers say and within bounds, the same question
 * asked once at a time; while no server answers at all, every question is a `timeout` at once. It speaks for itself (RFC 1035, 2308, 6891), since
 * Node's resolver hides the AD bit, most TTLs, and what a zone says of names that aren't there. A server that says SERVFAIL may have found a
 * forgery: another is believed after it only when it vouches for its answer. Never rejects for an outcome of the DNS; a malformed server address
 * throws here, at the start.
 */
export const systemResolver = (options: SystemResolverOptions = {}): SystemResolver => {
  const { timeoutMs = 2_000, tries = 2, cacheEntries = 20_000, outstanding = 2_000 } = options
  const now = options.now ?? (() => performance.now())
  const given = options.servers ?? []
  const servers = (given.length > 0 ? given : getServers()).map(serverAddress)
  const cache = new LRUCache<string, Kept>({ max: cacheEntries })
  const underWay = new Map<string, Promise<ValidatedAnswer>>()
  const watch = reachability(async () => {
    const asked = servers.map((server) => exchange(server, { name: '.', type: 'NS' }, Math.min(1_000, timeoutMs)))
    return (await Promise.all(asked)).some((answer) => answer !== null)
  })

  const ask = async (question: Question): Promise<Understood> => {
    let failed: Understood | null = null
    const out = new Set<string>()
    for (let attempt = 0; attempt < tries; attempt++) {
      for (const server of servers) {
        const key = `${server.host} ${server.port}`
        if (out.has(key)) continue
        const answer = await exchange(server, question, timeoutMs)
        if (answer === null) continue
        watch.answered()
        if (!isTemporary(answer.outcome) && (failed?.outcome !== 'servfail' || answer.authentic)) return answer
        if (failed?.outcome !== 'servfail') failed = answer
        out.add(key)
      }
    }
    return failed ?? { ...unanswered(question, 'timeout'), ...NOTHING_SAID }
  }

  /** To the end of its aliases, which a server may leave to who asks. */
  const follow = async (question: Question): Promise<Understood> => {
    let found = await ask(question)
    const passed = new Set([question.name])
    while (found.unfinished) {
      const next = found.canonicalName
      if (passed.has(next) || passed.size > MAX_ALIASES) return { ...unanswered(question, 'servfail'), ...NOTHING_SAID }
      passed.add(next)
      const { authentic, ttl } = found
      const more = await ask({ name: next, type: question.type })
      found = {
        ...more,
        name: question.name,
        authentic: authentic && more.authentic,
        ttl: Math.min(ttl, more.ttl),
        unfinished: more.unfinished,
      }
    }
    return found
  }

  const keep = (key: string, answer: ValidatedAnswer, ttl: number): void => {
    const stay = stayOf(answer.outcome, ttl)
    if (stay > 0) cache.set(key, { answer, until: now() + stay })
  }

  const look = async (key: string, question: Question): Promise<ValidatedAnswer> => {
    const { truncated: _t, rejectsEdns: _e, unfinished: _u, ttl, ...answer } = await follow(question)
    keep(key, answer, ttl)
    // A name that isn't there has nothing of any type (RFC 2308 5); an alias is there, whatever it leads to.
    if (answer.outcome === 'nxdomain' && answer.canonicalName === question.name)
      keep(absent(question.name), answer, ttl)
    return answer
  }

  const kept = (key: string): ValidatedAnswer | undefined => {
    const found = cache.get(key)
    if (found === undefined || found.until > now()) return found?.answer
    cache.delete(key)
    return undefined
  }

  const resolve = async (asked: string, type: DnsType): Promise<ValidatedAnswer> => {
    const question = { name: questionName(asked), type }
    if (!isAskableName(question.name)) return unanswered(question, 'error')
    const key = questionKey(question.name, type)
    const known = kept(key)
    if (known !== undefined) return known
    const gone = kept(absent(question.name))
    if (gone !== undefined) return { ...gone, type }
    const begun = underWay.get(key)
    if (begun === undefined && watch.isAway()) return unanswered(question, 'timeout')
    if (begun === undefined && underWay.size >= outstanding) return unanswered(question, 'refused')
    const looking = begun ?? look(key, question).finally(() => underWay.delete(key))
    underWay.set(key, looking)
    // Whoever asks waits no longer than it takes to find out that nobody is there; the answer itself may still come and be kept.
    return Promise.race([looking, watch.foundAway().then(() => unanswered(question, 'timeout'))])
  }

  return {
    resolve,
    async query(asked, type) {
      const { name, outcome, records } = await resolve(asked, type)
      return { name, type, outcome, records }
    },
  }
}

const absent = (name: string): string => `* ${name}`

const NOTHING_SAID = { truncated: false, ttl: 0, rejectsEdns: false, unfinished: false } as const

const unanswered = ({ name, type }: Question, outcome: DnsOutcome): ValidatedAnswer => ({
  name,
  type,
  outcome,
  records: [],
  authentic: false,
  canonicalName: name,
})
