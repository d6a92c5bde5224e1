import { getDomain } from 'tldts'
import { isTemporary, txtTexts, type DnsResolver, type DnsType } from '#infra/dns/port'
import { isDmarcRecord, parseDmarcRecord, type DmarcRecord } from './dmarc-record.ts'

/** How the policy of a domain is found: by the public suffix list (RFC 7489), or by walking up its names (DMARCbis 4.10). */
export type DmarcDiscovery = 'rfc7489' | 'tree-walk'

/** The DNS did not say; it may later. */
export class DmarcUnknown extends Error {
  constructor(name: string, type: DnsType, outcome: string) {
    super(`the look-up of ${type} ${name} ended in ${outcome}`)
    this.name = 'DmarcUnknown'
  }
}

export interface DiscoveredPolicy {
  readonly record: DmarcRecord
  /** The domain whose record it is: the author's own, or one above it. */
  readonly at: string
}

export interface Discovery {
  /** null: no policy. @throws DmarcUnknown */
  policyOf(domain: string): Promise<DiscoveredPolicy | null>
  /** The domain that stands for all below it (RFC 7489 3.2; DMARCbis 4.10.2). @throws DmarcUnknown */
  organizationOf(domain: string): Promise<string>
  /** Whether the name is there at all: what `np` asks for. @throws DmarcUnknown */
  exists(domain: string): Promise<boolean>
  /** The policy is not, or not in full, for a mail that drew this lot (0-99): `pct` (RFC 7489 6.6.4), `t=y` (DMARCbis 4.7). */
  isLetOff(record: DmarcRecord, lot: number): boolean
}

export const discoveryBy = (method: DmarcDiscovery, dns: DnsResolver): Discovery =>
  method === 'rfc7489' ? byPublicSuffix(dns) : byTreeWalk(dns)

/** The records at `_dmarc.<domain>`. */
const recordsAt = async (dns: DnsResolver, domain: string): Promise<string[]> => {
  const name = `_dmarc.${domain}`
  const { outcome, records } = await dns.query(name, 'TXT')
  if (isTemporary(outcome)) throw new DmarcUnknown(name, 'TXT', outcome)
  return txtTexts(records)
    .map((text) => text.trim())
    .filter(isDmarcRecord)
}

const hasAny = async (dns: DnsResolver, domain: string, types: readonly DnsType[]): Promise<boolean> => {
  let isThere = false
  for (const type of types) {
    const { outcome } = await dns.query(domain, type)
    if (isTemporary(outcome)) throw new DmarcUnknown(domain, type, outcome)
    isThere ||= outcome === 'ok'
  }
  return isThere
}

/** What owners of private suffixes (github.io) let to others is not one organization either. */
const registeredDomain = (domain: string): string => getDomain(domain, { allowPrivateDomains: true }) ?? domain

const byPublicSuffix = (dns: DnsResolver): Discovery => ({
  async policyOf(domain) {
    const organization = registeredDomain(domain)
    let [at, texts] = [domain, await recordsAt(dns, domain)]
    if (texts.length === 0 && organization !== domain) [at, texts] = [organization, await recordsAt(dns, organization)]
    const [only] = texts
    // Several are as good as none (6.6.3).
    const record = only === undefined || texts.length > 1 ? null : parseDmarcRecord(only)
    return record === null ? null : { record, at }
  },
  async organizationOf(domain) {
    return registeredDomain(domain)
  },
  // RFC 9091 2.7.
  exists: (domain) => hasAny(dns, domain, ['A', 'AAAA', 'MX']),
  isLetOff: ({ pct }, lot) => lot >= pct,
})

/** A name of more labels is cut to this many after the first look. */
const LONGEST_WALK = 7

const byTreeWalk = (dns: DnsResolver): Discovery => {
  const found = new Map<string, Promise<DmarcRecord | null>>()
  const recordOf = (domain: string): Promise<DmarcRecord | null> => {
    const known = found.get(domain)
    if (known !== undefined) return known
    const looking = recordsAt(dns, domain).then(([only, ...more]) =>
      only === undefined || more.length > 0 ? null : parseDmarcRecord(only),
    )
    found.set(domain, looking)
    return looking
  }

  /** Records from the name upwards, the last one at a `psd` or at the end. */
  const walk = async (domain: string): Promise<readonly DiscoveredPolicy[]> => {
    const records: DiscoveredPolicy[] = []
    for (let labels = domain.split('.'); labels.length > 0;) {
      const at = labels.join('.')
      const record = await recordOf(at)
      if (record !== null) records.push({ record, at })
      if (record !== null && record.psd !== 'u') break
      labels = labels.slice(labels.length > LONGEST_WALK ? -LONGEST_WALK : 1)
    }
    return records
  }

  const organizationIn = (domain: string, records: readonly DiscoveredPolicy[]): string => {
    const last = records.at(-1)
    if (last === undefined) return domain
    if (last.record.psd !== 'y' || last.at === domain) return last.at
    return domain
      .split('.')
      .slice(-last.at.split('.').length - 1)
      .join('.')
  }

  return {
    async policyOf(domain) {
      const own = await recordOf(domain)
      if (own !== null) return { record: own, at: domain }
      const records = await walk(domain)
      const organization = organizationIn(domain, records)
      const last = records.at(-1)
      return records.find(({ at }) => at === organization) ?? (last?.record.psd === 'y' ? last : null)
    },
    async organizationOf(domain) {
      return organizationIn(domain, await walk(domain))
    },
    // DMARCbis: only NXDOMAIN says that it isn't there, whatever there is of it.
    async exists(domain) {
      for (const type of ['A', 'CNAME'] as const) {
        const { outcome } = await dns.query(domain, type)
        if (isTemporary(outcome)) throw new DmarcUnknown(domain, type, outcome)
        if (outcome === 'ok' || outcome === 'nodata') return true
      }
      return false
    },
    isLetOff: ({ testing }) => testing,
  }
}
