import { questionKey, questionName, type DnsAnswer, type DnsResolver } from './port.ts'

export interface RecordingResolver extends DnsResolver {
  /** Every answer that was used, NXDOMAIN, SERVFAIL and time-outs too, each question once, in the order first answered. */
  answers(): readonly DnsAnswer[]
}

/** Keeps what the outside world said, so that a verdict can be recomputed from it. The first answer to a question stands. */
export const recordingResolver = (inner: DnsResolver): RecordingResolver => {
  const kept = new Map<string, DnsAnswer>()
  return {
    async query(name, type) {
      const key = questionKey(name, type)
      const before = kept.get(key)
      if (before !== undefined) return before
      const answer = await inner.query(name, type)
      // Asked twice at the same moment: both askers must go on with the same answer.
      const first = kept.get(key)
      if (first !== undefined) return first
      kept.set(key, { ...answer, name: questionName(name), type })
      return answer
    },
    answers: () => [...kept.values()],
  }
}
