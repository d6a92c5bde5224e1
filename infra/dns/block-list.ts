import { isIP } from 'node:net'
import { reverseName } from './names.ts'
import { isTemporary, txtTexts, type DnsResolver } from './port.ts'

/** `unknown`: the list gave no answer that says anything; that is never a listing. */
export type Listing =
  | { readonly state: 'clear' }
  /** `codes`: what it was answered with; `reason`: the list's own words, one line. */
  | { readonly state: 'listed'; readonly codes: readonly string[]; readonly reason: string | null }
  /** `permanent`: it does answer, but not as a list does, or not us. */
  | { readonly state: 'unknown'; readonly why: string; readonly permanent: boolean }

/** The name to ask: octets or nibbles from behind for an address (RFC 5782 2.1, 2.4), a domain as it is. */
const listedName = (subject: string, zone: string): string =>
  `${isIP(subject) === 0 ? subject : reverseName(subject).replace(/\.(in-addr|ip6)\.arpa$/, '')}.${zone}`

/** Answers that many lists give to whom they don't answer: a public resolver, too many questions, a wrong name. */
const REFUSALS: ReadonlySet<string> = new Set(['127.0.0.1', '127.0.1.255'])

/** What a DNS block list says of an address or a domain (RFC 5782). Never rejects for an outcome of the DNS. */
export const lookUpListing = async (dns: DnsResolver, subject: string, zone: string): Promise<Listing> => {
  const name = listedName(subject, zone)
  const { outcome, records } = await dns.query(name, 'A')
  if (isTemporary(outcome) || outcome === 'error')
    return { state: 'unknown', why: `no answer (${outcome})`, permanent: false }
  if (outcome !== 'ok') return { state: 'clear' }
  const codes = records.map(String).slice(0, 20)
  const refusal = codes.find((code) => code.startsWith('127.255.255.') || REFUSALS.has(code))
  if (refusal !== undefined) return { state: 'unknown', why: `it refuses to answer us (${refusal})`, permanent: true }
  // A zone that was given up and bought by somebody answers everything with its web server.
  const strange = codes.find((code) => !code.startsWith('127.'))
  if (strange !== undefined)
    return { state: 'unknown', why: `its answer is none of a block list (${strange})`, permanent: true }
  const words = await dns.query(name, 'TXT')
  const text = txtTexts(words.records).join(' ')
  return { state: 'listed', codes, reason: oneLine(text) }
}

const oneLine = (text: string): string | null => {
  const line = text
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 300)
  return line === '' ? null : line
}
