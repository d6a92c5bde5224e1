import { getServers } from 'node:dns'
import { LRUCache } from 'lru-cache'
import { exchange, serverAddress } from './dns-exchange.ts'
import type { Understood, ValidatedType } from './dns-message.ts'
import { isAskableName } from './names.ts'
import {
  type DnsOutcome,
  isTemporary,
  questionKey,
  questionName,
  type ValidatedAnswer,
  type ValidatedResolver,
} from './port.ts'
import { stayOf } from './stay.ts'

export interface ValidatedResolverOptions {
  /** `ip` or `ip:port` (`[v6]:port`); empty or absent: what the system is set to. */
  readonly servers?: readonly string[]
  /** Of one try, ms. */
  readonly timeoutMs?: number
  /** Of each server. */
  readonly tries?: number
  readonly cacheEntries?: number
  /** Questions on the wire at once; beyond it the answer is `refused` (temporary). */
  readonly outstanding?: number
}

/**
 * Asks the system's (or the given) servers, which must validate, for answers with their AD bit: Node's own resolver hides it.
 * Cached within bounds, the same question asked once at a time. A server that says SERVFAIL may have found a forgery: another
 * server is believed after it only when it vouches for its answer.
 */
export const validatedResolver = (options: ValidatedResolverOptions = {}): ValidatedResolver => {
  const { timeoutMs = 2_000, tries = 2, cacheEntries = 20_000, outstanding = 500 } = options
  const given = options.servers ?? []
  const servers = (given.length > 0 ? given : getServers()).map(serverAddress)
  const cache = new LRUCache<string, ValidatedAnswer>({ max: cacheEntries })
  const underWay = new Map<string, Promise<ValidatedAnswer>>()

  const ask = async (name: string, type: ValidatedType): Promise<Understood> => {
    let failed: Understood | null = null
    const out = new Set<string>()
    for (let attempt = 0; attempt < tries; attempt++) {
      for (const server of servers) {
        const key = `${server.host} ${server.port}`
        if (out.has(key)) continue
        const answer = await exchange(server, { name, type }, timeoutMs)
        if (answer === null) continue
        if (!isTemporary(answer.outcome) && (failed?.outcome !== 'servfail' || answer.authentic)) return answer
        if (failed?.outcome !== 'servfail') failed = answer
        out.add(key)
      }
    }
    return failed ?? { ...unanswered(name, type, 'timeout'), truncated: false, ttl: null }
  }

  const look = async (key: string, name: string, type: ValidatedType): Promise<ValidatedAnswer> => {
    const { truncated: _, ttl, ...answer } = await ask(name, type)
    cache.set(key, answer, { ttl: stayOf(answer.outcome, ttl) })
    return answer
  }

  return {
    async resolve(asked, type) {
      const name = questionName(asked)
      if (!isAskableName(name)) return unanswered(name, type, 'error')
      const key = questionKey(name, type)
      const known = cache.get(key) ?? underWay.get(key)
      if (known !== undefined) return known
      if (underWay.size >= outstanding) return unanswered(name, type, 'refused')
      const looking = look(key, name, type).finally(() => underWay.delete(key))
      underWay.set(key, looking)
      return looking
    },
  }
}

const unanswered = (name: string, type: ValidatedType, outcome: DnsOutcome): ValidatedAnswer => ({
  name,
  type,
  outcome,
  records: [],
  authentic: false,
  canonicalName: name,
})
