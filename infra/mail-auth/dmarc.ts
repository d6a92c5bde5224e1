import { parseDomainName } from '#domain/message/domain-name'
import type { AuthenticationResults } from '#domain/message/authentication-results'
import type { Author } from './author.ts'
import type { Signature } from './dkim.ts'
import { DmarcUnknown, type DiscoveredPolicy, type Discovery } from './dmarc-discovery.ts'
import type { DmarcPolicy } from './dmarc-record.ts'

type Dmarc = AuthenticationResults['dmarc']

/** From domains judged when a mail shows several; one look-up tree each. */
const MAX_AUTHORS = 5
/** Identifiers whose organization is looked for. */
const MAX_IDENTIFIERS = 10
export const DMARC_QUESTIONS = 200

export interface Identifiers {
  readonly spf: { readonly result: string; readonly domain: string | null }
  readonly signatures: readonly Pick<Signature, 'result' | 'domain'>[]
}

export interface Judged {
  readonly dmarc: Dmarc
  readonly spfAligned: boolean
  aligned(signingDomain: string | null): boolean
}

/** 0-99, from the mail: which mails `pct` lets off. The same for the same mail. */
type Lot = number

/**
 * DMARC (RFC 7489, or its successor: `discovery`). `policy` is what the From domain wants done with this mail. A mail with no From, or with one
 * that mail programs may read differently, never passes; of several domains the gravest failure counts.
 */
export const judgeDmarc = async (
  { domains, doubt }: Author,
  identifiers: Identifiers,
  discovery: Discovery,
  lot: Lot,
): Promise<Judged> => {
  const [only, ...more] = domains
  if (only === undefined) return unaligned(permanent(null, doubt ?? 'header From holds no address with a domain'))
  if (doubt === null && more.length === 0) return evaluate(only, identifiers, discovery, lot)
  const judged: Dmarc[] = []
  for (const domain of domains.slice(0, MAX_AUTHORS))
    judged.push((await evaluate(domain, identifiers, discovery, lot)).dmarc)
  const worst = gravest(judged)
  return unaligned(
    worst.result === 'fail' || worst.result === 'temperror'
      ? { ...worst, explanation: doubt }
      : permanent(worst.domain, doubt),
  )
}

const permanent = (domain: string | null, why: string | null): Dmarc => ({
  result: 'permerror',
  domain,
  policy: null,
  explanation: why,
})
const unaligned = (dmarc: Dmarc): Judged => ({ dmarc, spfAligned: false, aligned: () => false })

const evaluate = async (
  author: string,
  { spf, signatures }: Identifiers,
  discovery: Discovery,
  lot: Lot,
): Promise<Judged> => {
  let policy: DiscoveredPolicy | null = null
  try {
    policy = await discovery.policyOf(author)
  } catch (error) {
    return unaligned({ result: 'temperror', domain: author, policy: null, explanation: unknown(error).message })
  }
  const alignment = await alignmentOf(author, [spf.domain, ...signatures.map(({ domain }) => domain)], discovery)
  const strict = { spf: policy?.record.strictSpf ?? false, dkim: policy?.record.strictDkim ?? false }
  const spfIs = alignment(spf.domain, strict.spf)
  const signatureIs = (domain: string | null) => alignment(domain, strict.dkim)
  const judged = (dmarc: Omit<Dmarc, 'domain'>): Judged => ({
    dmarc: { domain: author, ...dmarc },
    spfAligned: spfIs === true,
    aligned: (domain) => signatureIs(domain) === true,
  })
  if (policy === null) return judged({ result: 'none', policy: null, explanation: null })

  const checks = [
    { result: spf.result, isAligned: spfIs },
    ...signatures.map(({ result, domain }) => ({ result, isAligned: signatureIs(domain) })),
  ]
  const published = publishedFor(author, policy)
  if (checks.some(({ result, isAligned }) => result === 'pass' && isAligned === true))
    return judged({ result: 'pass', policy: published, explanation: null })
  // temperror is never judged as fail: had SPF, a key or an organization been answered, the mail might have passed.
  const mightPass = checks.some(
    ({ result, isAligned }) => (result === 'pass' || result === 'temperror') && isAligned !== false,
  )
  if (mightPass)
    return judged({
      result: 'temperror',
      policy: published,
      explanation: 'an aligned SPF or DKIM check had a temporary failure',
    })
  const wanted = await wantedOf(author, policy, discovery, lot)
  return judged(
    wanted === null
      ? { result: 'temperror', policy: null, explanation: `whether ${author} exists is not known now` }
      : { result: 'fail', policy: wanted, explanation: null },
  )
}

const publishedFor = (author: string, { record, at }: DiscoveredPolicy): DmarcPolicy =>
  at === author ? record.p : (record.sp ?? record.p)

/** What the domain wants done with this mail when it fails; null: the DNS doesn't say now. */
const wantedOf = async (
  author: string,
  discovered: DiscoveredPolicy,
  discovery: Discovery,
  lot: Lot,
): Promise<DmarcPolicy | null> => {
  const { record, at } = discovered
  let policy = publishedFor(author, discovered)
  if (at !== author && record.np !== null && record.np !== policy) {
    try {
      if (!(await discovery.exists(author))) policy = record.np
    } catch (error) {
      unknown(error)
      return null
    }
  }
  return discovery.isLetOff(record, lot) ? WEAKER[policy] : policy
}

/** RFC 7489 6.6.4, and DMARCbis 4.7 of `t=y`. */
const WEAKER: Readonly<Record<DmarcPolicy, DmarcPolicy>> = { reject: 'quarantine', quarantine: 'none', none: 'none' }

/** Identifier alignment (RFC 7489 3.1) of these domains; null: not known. */
const alignmentOf = async (
  author: string,
  domains: readonly (string | null)[],
  discovery: Discovery,
): Promise<(domain: string | null, strict: boolean) => boolean | null> => {
  const relaxed = new Map<string, boolean | null>()
  for (const given of domains) {
    const domain = nameOf(given)
    if (domain === null || domain === author || relaxed.has(domain)) continue
    relaxed.set(domain, relaxed.size < MAX_IDENTIFIERS ? await areOne(author, domain, discovery) : null)
  }
  return (given, strict) => {
    const domain = nameOf(given)
    if (domain === null) return false
    if (domain === author) return true
    return strict ? false : (relaxed.get(domain) ?? null)
  }
}

const areOne = async (author: string, domain: string, discovery: Discovery): Promise<boolean | null> => {
  // No organization spans two top-level domains.
  if (author.split('.').at(-1) !== domain.split('.').at(-1)) return false
  try {
    return (await discovery.organizationOf(author)) === (await discovery.organizationOf(domain))
  } catch (error) {
    unknown(error)
    return null
  }
}

const nameOf = (domain: string | null): string | null =>
  domain === null ? null : parseDomainName(domain.replace(/\.$/, ''))

/** What is no outcome of the DNS is nobody's to swallow. */
const unknown = (error: unknown): DmarcUnknown => {
  if (error instanceof DmarcUnknown) return error
  throw error
}

/** The one that should count of several authors (RFC 7489 6.6.1: the strictest policy that fails); a pass of one counts for nothing. */
const gravest = (results: readonly Dmarc[]): Dmarc => {
  const rank = (one: Dmarc): number => {
    if (one.result === 'fail') return one.policy === 'reject' ? 6 : one.policy === 'quarantine' ? 5 : 1
    return one.result === 'temperror' ? 4 : 0
  }
  return results.reduce((worst, one) => (rank(one) > rank(worst) ? one : worst))
}
