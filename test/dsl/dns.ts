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
  /** DNSSEC vouches for these names and those below them: so says the resolver, of what there is and what there is not. */
  vouch(...names: readonly string[]): void
  isVouchedFor(name: string): boolean
  /** Where a name's CNAMEs lead, one after the other. */
  aliasesOf(name: string): readonly string[]
  /** What was asked, in order: `TXT example.org`. */
  readonly asked: readonly string[]
}

/** A DNS in memory for tests: names it doesn't know are NXDOMAIN, types a known name lacks are NODATA; CNAMEs are followed. */
export const scriptedDns = (zone: Zone = {}): ScriptedDns => {
  const names = new Map(Object.entries(zone).map(([name, entry]) => [questionName(name), entry]))
  const failures = new Map<string, Exclude<DnsOutcome, 'ok'>>()
  const asked: string[] = []
  const vouched = new Set<string>()

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
    vouch: (...more) => more.forEach((name) => vouched.add(questionName(name))),
    isVouchedFor: (name) =>
      [...vouched].some((zone) => questionName(name) === zone || questionName(name).endsWith(`.${zone}`)),
    aliasesOf(name) {
      const aliases: string[] = []
      for (let at = questionName(name); aliases.length < 8; at = aliases.at(-1)!) {
        const entry = names.get(at)
        const alias = typeof entry === 'object' ? entry.CNAME?.[0] : undefined
        if (typeof alias !== 'string') break
        aliases.push(questionName(alias))
      }
      return aliases
    },
    fail: (name, type, outcome) => void failures.set(questionKey(name, type), outcome),
    async query(name, type) {
      asked.push(questionKey(name, type))
      return { name: questionName(name), type, ...look(questionName(name), type, 8) }
    },
  }
}
