import type { UriBlockList } from '#domain/policy/authentication-policy'
import { lookUpListing } from './block-list.ts'
import { listHealth } from './block-list-health.ts'
import type { DnsResolver } from './port.ts'

/** Domains of one mail that are looked up in each list. */
export const MAX_LINK_DOMAINS = 20

/** Symbols of the lists that have one of these domains: `URIBL_<name>`. A list that is not to be believed, or does not answer, yields none. */
export const uriListSymbols = async (
  dns: DnsResolver,
  lists: readonly UriBlockList[],
  domains: readonly string[],
): Promise<string[]> => {
  const looked = domains.slice(0, MAX_LINK_DOMAINS)
  if (looked.length === 0) return []
  const found = await Promise.all(lists.map((list) => hasAny(dns, list, looked)))
  return lists.flatMap(({ name }, at) => (found[at] === true ? [`URIBL_${name}`] : []))
}

const hasAny = async (
  dns: DnsResolver,
  { zone, codes, testEntry }: UriBlockList,
  domains: readonly string[],
): Promise<boolean> => {
  const [health, ...listings] = await Promise.all([
    listHealth(dns, zone, { listed: testEntry, unlisted: 'invalid' }),
    ...domains.map((domain) => lookUpListing(dns, domain, zone)),
  ])
  return (
    health.state !== 'unwell' &&
    listings.some(
      (listing) => listing.state === 'listed' && (codes === null || listing.codes.some((code) => codes.includes(code))),
    )
  )
}
