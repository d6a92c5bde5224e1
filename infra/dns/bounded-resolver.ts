import { questionKey, questionName, type DnsAnswer, type DnsResolver } from './port.ts'

export interface Bounds {
  /** Different questions; beyond it the answer is `refused` (temporary: nothing is judged from it). */
  readonly questions: number
  /** Milliseconds from the first question, after which the answer is `timeout`; absent: no limit. */
  readonly elapsed?: number
  /** Characters of records in all, as JSON; an answer that goes beyond is `servfail`. */
  readonly size?: number
}

/** For one mail: SPF, keys, policies and block lists together; far above what real mail asks. */
export const MAIL_BOUNDS: Bounds = { questions: 400, elapsed: 30_000, size: 256 * 1024 }

/**
 * What one mail (or one method of it) may cost: a sender chooses the names we ask for, so their number, size and time have an
 * end. A question asked before is answered from memory and costs nothing.
 */
export const boundedResolver = (inner: DnsResolver, bounds: Bounds): DnsResolver => {
  const asked = new Map<string, Promise<DnsAnswer>>()
  let started: number | null = null
  let size = 0

  const within = async (name: string, type: Parameters<DnsResolver['query']>[1]): Promise<DnsAnswer> => {
    const answer = await inner.query(name, type)
    if (bounds.size === undefined || answer.records.length === 0) return answer
    size += JSON.stringify(answer.records).length
    return size > bounds.size ? { name: questionName(name), type, outcome: 'servfail', records: [] } : answer
  }

  return {
    async query(name, type) {
      const key = questionKey(name, type)
      const known = asked.get(key)
      if (known !== undefined) return known
      if (asked.size >= bounds.questions) return { name: questionName(name), type, outcome: 'refused', records: [] }
      if (bounds.elapsed !== undefined) {
        const now = performance.now()
        started ??= now
        if (now - started > bounds.elapsed) return { name: questionName(name), type, outcome: 'timeout', records: [] }
      }
      const answer = within(name, type)
      asked.set(key, answer)
      return answer
    },
  }
}
