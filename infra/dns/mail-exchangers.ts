import { isIP } from 'node:net'
import type { Exchanger } from '#domain/relay/exchangers'
import { isTemporary, type DnsAnswer, type DnsType } from './port.ts'

/** Records of one answer that are looked at. */
const MOST_RECORDS = 100
/** Addresses of one host that are tried. */
const MOST_ADDRESSES = 4

/** Asks the DNS; `authentic` where the resolver validates. */
export type AskDns = (name: string, type: 'MX' | 'A' | 'AAAA') => Promise<DnsAnswer & { readonly authentic?: boolean }>

/**
 * Who takes mail for a domain (RFC 5321 5.1). `null-mx`: nobody does, and says so (RFC 7505). `no-domain`: the name is not there.
 * `no-host`: it is, and has neither an MX nor an address. `unknown`: the DNS did not say; it may later.
 */
export type MailExchangers =
  | {
      readonly is: 'hosts'
      readonly hosts: readonly Exchanger[]
      readonly authentic: boolean
    }
  | { readonly is: 'null-mx' }
  | { readonly is: 'no-domain' }
  | { readonly is: 'no-host' }
  | { readonly is: 'unknown'; readonly why: string }

/** `domain`: A-labels, or an address literal with its brackets (RFC 5321 4.1.3). */
export const mailExchangersOf = async (ask: AskDns, domain: string): Promise<MailExchangers> => {
  const literal = literalOf(domain)
  if (literal !== null) return itself(literal, false)
  const answer = await ask(domain, 'MX')
  const { outcome, records, authentic = false } = answer
  if (isTemporary(outcome)) return { is: 'unknown', why: `the look-up of the MX of ${domain} ended in ${outcome}` }
  if (outcome === 'nxdomain' || outcome === 'error') return { is: 'no-domain' }
  const named = exchangersIn(records)
  const hosts = named.filter(({ name }) => name !== '')
  if (hosts.length > 0) return { is: 'hosts', hosts, authentic }
  if (named.length > 0) return { is: 'null-mx' }
  const addresses = await addressesOf(ask, domain)
  if (addresses.is === 'unknown') return addresses
  return addresses.is === 'none' ? { is: 'no-host' } : itself(domain, authentic)
}

/** The addresses of a host: IPv6 and IPv4 in turn, so that a family that leads nowhere costs one try. */
export type HostAddresses =
  | { readonly is: 'addresses'; readonly addresses: readonly string[] }
  | { readonly is: 'none' }
  | { readonly is: 'unknown'; readonly why: string }

export const addressesOf = async (ask: AskDns, host: string): Promise<HostAddresses> => {
  if (isIP(host) !== 0) return { is: 'addresses', addresses: [host] }
  const [six, four] = await Promise.all([ask(host, 'AAAA'), ask(host, 'A')])
  const addresses = alternately(addressesIn(six, 6), addressesIn(four, 4)).slice(0, MOST_ADDRESSES)
  if (addresses.length > 0) return { is: 'addresses', addresses }
  const failed = [six, four].find(({ outcome }) => isTemporary(outcome))
  return failed === undefined
    ? { is: 'none' }
    : { is: 'unknown', why: `the look-up of the ${failed.type} of ${host} ended in ${failed.outcome}` }
}

const itself = (name: string, authentic: boolean): MailExchangers => ({
  is: 'hosts',
  hosts: [{ name, preference: 0 }],
  authentic,
})

const literalOf = (domain: string): string | null => {
  const inside = /^\[(?:IPv6:)?([\d.:a-f]+)\]$/i.exec(domain)?.[1]
  return inside !== undefined && isIP(inside) !== 0 ? inside : null
}

/** One entry per name, the best one. A name of '' is the root: "no mail here". */
const exchangersIn = (records: readonly unknown[]): Exchanger[] => {
  const best = new Map<string, number>()
  for (const record of records.slice(0, MOST_RECORDS)) {
    const { exchange, priority } = record as { exchange: string; priority: number }
    const name = exchange.toLowerCase().replace(/\.$/, '')
    best.set(name, Math.min(priority, best.get(name) ?? priority))
  }
  return [...best].map(([name, preference]) => ({ name, preference }))
}

const addressesIn = ({ records }: DnsAnswer, family: 4 | 6): string[] =>
  records.slice(0, MOST_RECORDS).flatMap((record) => (isIP(String(record)) === family ? [String(record)] : []))

const alternately = <T>(one: readonly T[], other: readonly T[]): T[] =>
  Array.from({ length: Math.max(one.length, other.length) }, (_, place) => place).flatMap((place) => [
    ...one.slice(place, place + 1),
    ...other.slice(place, place + 1),
  ])

/** An ordinary resolver, which validates nothing. */
export const askOf =
  (dns: { query(name: string, type: DnsType): Promise<DnsAnswer> }): AskDns =>
  (name, type) =>
    dns.query(name, type)
