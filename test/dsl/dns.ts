import {
  questionKey,
  questionName,
  type DnsAnswer,
  type DnsOutcome,
  type DnsResolver,
  type DnsType,
} from '#infra/dns/port'

export type Zone = Readonly<Record<string, Partial<Record<DnsType, readonly unknown[]>> | Exclude<DnsOutcome, 'ok'>>>

export interface ScriptedDns extends DnsResolver {
  /** Records of a name, or the outcome of asking for it at all. Names keep no case. */
  set(name: string, records: Partial<Record<DnsType, readonly unknown[]>> | Exclude<DnsOutcome, 'ok'>): void
  /** The outcome of one question. */
  fail(name: string, type: DnsType, outcome: Exclude<DnsOutcome, 'ok'>): void
  /** What was asked, in order: `TXT example.org`. */
  readonly asked: readonly string[]
}

/** A DNS in memory for tests: names it doesn't know are NXDOMAIN, types a known name lacks are NODATA; CNAMEs are followed. */
export const scriptedDns = (zone: Zone = {}): ScriptedDns => {
  const names = new Map(Object.entries(zone).map(([name, entry]) => [questionName(name), entry]))
  const failures = new Map<string, Exclude<DnsOutcome, 'ok'>>()
  const asked: string[] = []

  const look = (name: string, type: DnsType, hops: number): Pick<DnsAnswer, 'outcome' | 'records'> => {
    const failure = failures.get(questionKey(name, type))
    if (failure !== undefined) return { outcome: failure, records: [] }
    const entry = names.get(name)
    if (entry === undefined) return { outcome: 'nxdomain', records: [] }
    if (typeof entry === 'string') return { outcome: entry, records: [] }
    const records = entry[type]
    if (records !== undefined && records.length > 0) return { outcome: 'ok', records }
    const alias = entry.CNAME?.[0]
    if (typeof alias === 'string' && type !== 'CNAME') {
      return hops === 0 ? { outcome: 'servfail', records: [] } : look(questionName(alias), type, hops - 1)
    }
    return { outcome: 'nodata', records: [] }
  }

  return {
    asked,
    set: (name, records) => void names.set(questionName(name), records),
    fail: (name, type, outcome) => void failures.set(questionKey(name, type), outcome),
    async query(name, type) {
      asked.push(questionKey(name, type))
      return { name: questionName(name), type, ...look(questionName(name), type, 8) }
    },
  }
}
