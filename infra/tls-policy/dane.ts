import {
  isTemporary,
  questionName,
  type TlsaRecord,
  type ValidatedAnswer,
  type ValidatedResolver,
} from '#infra/dns/port'
import type { DaneTls } from '#infra/smtp/client/port'

/** What DANE has to say about a host (RFC 7672 2.2). */
export type DaneFinding =
  | { readonly kind: 'dane'; readonly tls: DaneTls }
  /** There are records, none that can be used: TLS is required, with whatever certificate. */
  | { readonly kind: 'unusable'; readonly why: string }
  /** There is no telling, so the host must not be used now. */
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'none'; readonly why: string }

/**
 * Looks up the TLSA records of an MX host whose MX record was authentic.
 * The host's address must be authentic: else no TLSA is asked for. Where the host is an alias whose whole chain is authentic, the
 * name at its end is the base tried first, then the host itself; where only the alias is, the host itself (RFC 7672 2.2.2). Any
 * look-up of TLSA that fails, by accident or by force, makes the host one that must not be used now: that is the whole protection.
 */
export const daneOf = async (
  dns: ValidatedResolver,
  { host, port, domain }: { readonly host: string; readonly port: number; readonly domain: string },
): Promise<DaneFinding> => {
  const bases = await basesOf(dns, questionName(host))
  if ('kind' in bases) return bases
  for (const base of bases) {
    const answer = await dns.resolve(`_${port}._tcp.${base}`, 'TLSA')
    if (isTemporary(answer.outcome))
      return { kind: 'unknown', why: `the look-up of its TLSA record at ${answer.name} ends in ${answer.outcome}` }
    if (answer.outcome !== 'ok' || !answer.authentic) continue
    const records = strongest((answer.records as readonly TlsaRecord[]).filter(isUsable))
    if (records.length === 0) return { kind: 'unusable', why: `none of its TLSA records at ${answer.name} can be used` }
    const names = [...new Set([base, questionName(host), questionName(domain)])]
    return { kind: 'dane', tls: { by: 'dane', base, names, records } }
  }
  return { kind: 'none', why: 'no TLSA record' }
}

const basesOf = async (dns: ValidatedResolver, host: string): Promise<readonly string[] | DaneFinding> => {
  const answers = await Promise.all([dns.resolve(host, 'A'), dns.resolve(host, 'AAAA')])
  const told = answers.filter(({ outcome }) => !isTemporary(outcome))
  const [first] = told
  if (first === undefined)
    return {
      kind: 'unknown',
      why: `the look-up of its address ends in ${answers.map((one) => one.outcome).join(', ')}`,
    }
  const alias = told.find(({ canonicalName }) => canonicalName !== host)
  if (told.every(isAuthentic)) return alias === undefined ? [host] : [alias.canonicalName, host]
  if (alias !== undefined && isAuthentic(await dns.resolve(host, 'CNAME'))) return [host]
  return { kind: 'none', why: 'DNSSEC does not vouch for its address' }
}

const isAuthentic = ({ authentic }: ValidatedAnswer): boolean => authentic

/** Octets in hexadecimal, by matching type. */
const DIGEST_LENGTHS: Readonly<Record<number, number>> = { 1: 64, 2: 128 }

const isUsable = ({ certUsage, selector, match, data }: TlsaRecord): boolean =>
  (certUsage === 2 || certUsage === 3) &&
  (selector === 0 || selector === 1) &&
  (match === 0 ? data.length > 0 : data.length === DIGEST_LENGTHS[match])

/** Of digests of the same thing only the stronger kind counts (RFC 7671 9). */
const strongest = (records: readonly TlsaRecord[]): TlsaRecord[] =>
  records.filter(
    ({ match, certUsage, selector }) =>
      match !== 1 ||
      !records.some((other) => other.match === 2 && other.certUsage === certUsage && other.selector === selector),
  )
