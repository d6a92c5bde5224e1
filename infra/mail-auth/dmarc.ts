import { dmarc, type DMARCResult } from 'mailauth'
import { getDomain } from 'tldts'
import { dmarcPolicy, dmarcResult, type AuthenticationResults } from '#domain/message/authentication-results'
import { explanation } from './explanation.ts'
import type { Signature } from './dkim.ts'
import type { MethodDns } from './mailauth-resolver.ts'

type Dmarc = AuthenticationResults['dmarc']

/** From domains judged when a mail shows several; one look-up tree each. */
const MAX_AUTHORS = 5
export const DMARC_QUESTIONS = 200

export interface Identifiers {
  readonly from: { readonly addresses: readonly string[]; readonly fields: number }
  readonly spf: { readonly result: string; readonly domain: string | null }
  readonly signatures: readonly Signature[]
}

export interface Judged {
  readonly dmarc: Dmarc
  readonly spfAligned: boolean
  aligned(signingDomain: string | null): boolean
}

const organization = (domain: string): string => getDomain(domain, { allowPrivateDomains: true }) ?? domain

const alignment =
  (from: string | null, response: DMARCResult | false) =>
  (domain: string | null, strict: boolean): boolean => {
    if (from === null || domain === null) return false
    if (strict || from === domain) return from === domain
    const tree = response === false ? null : response.domain
    const within = (org: string): boolean => domain === org || domain.endsWith(`.${org}`)
    return organization(from) === organization(domain) && (tree === null || tree === from || within(tree))
  }

const domainOf = (address: string): string =>
  address
    .slice(address.lastIndexOf('@') + 1)
    .toLowerCase()
    .replace(/\.$/, '')

/** Asks mailauth for one author; `temporary`: count identifiers whose check had a temporary failure as if they had passed. */
const ask = (identifiers: Identifiers, addresses: readonly string[], dns: MethodDns, temporary: boolean) => {
  const counts = (result: string): boolean => result === 'pass' || (temporary && result === 'temperror')
  return dmarc({
    headerFrom: [...addresses],
    fromFields: 1,
    spfDomains: counts(identifiers.spf.result) && identifiers.spf.domain !== null ? [identifiers.spf.domain] : [],
    dkimDomains: identifiers.signatures.flatMap((signature) =>
      counts(signature.result) && signature.domain !== null ? [{ domain: signature.domain }] : [],
    ),
    resolver: dns.resolve,
    strict: true,
  })
}

const evaluate = async (
  identifiers: Identifiers,
  addresses: readonly string[],
  dns: MethodDns,
): Promise<{ dmarc: Dmarc; response: DMARCResult | false }> => {
  const response = await ask(identifiers, addresses, dns, false)
  const from = domainOf(addresses[0] ?? '')
  if (response === false) {
    return {
      dmarc: {
        result: 'permerror',
        domain: from || null,
        policy: null,
        explanation: 'header From has no domain that can be judged',
      },
      response,
    }
  }
  const result = dmarcResult.safeParse(response.status.result)
  const policy = dmarcPolicy.safeParse(response.policy)
  const judged: Dmarc = {
    result: result.success ? result.data : 'permerror',
    domain: explanation(response.status.header?.from) ?? from,
    policy: policy.success ? policy.data : null,
    explanation: explanation(response.error) ?? explanation(response.status.comment),
  }
  if (judged.result === 'fail') {
    // temperror is never judged as fail: had SPF or a key been answered, the mail might have passed.
    const might = await ask(identifiers, addresses, dns, true)
    if (might !== false && might.status.result !== 'fail') {
      return {
        dmarc: { ...judged, result: 'temperror', explanation: 'an aligned SPF or DKIM check had a temporary failure' },
        response,
      }
    }
  }
  return { dmarc: judged, response }
}

/** The one that should count of several authors (RFC 7489 6.6.1: the strictest policy that fails); a pass of one counts for nothing. */
const gravest = (results: readonly Dmarc[]): Dmarc => {
  const rank = (one: Dmarc): number => {
    if (one.result === 'fail') return one.policy === 'reject' ? 6 : one.policy === 'quarantine' ? 5 : 1
    return one.result === 'temperror' ? 4 : 0
  }
  return results.reduce((worst, one) => (rank(one) > rank(worst) ? one : worst))
}

/**
 * DMARC (RFC 7489, with the tree walk of its successor as mailauth does it). `policy` is what the From domain publishes. A mail
 * with no From, or with several From fields or domains, never passes; of several domains the gravest failure counts.
 */
export const judgeDmarc = async (identifiers: Identifiers, dns: MethodDns): Promise<Judged> => {
  const { addresses, fields } = identifiers.from
  const domains = [...new Map(addresses.map((address) => [domainOf(address), address])).values()]
  if (domains.length === 0) {
    const text = fields === 0 ? 'no From field' : 'header From holds no address'
    return {
      dmarc: { result: 'permerror', domain: null, policy: null, explanation: text },
      spfAligned: false,
      aligned: () => false,
    }
  }
  if (domains.length === 1 && fields === 1) {
    const { dmarc: judged, response } = await evaluate(identifiers, addresses, dns)
    const aligns = alignment(judged.domain, response)
    const strict = response === false ? undefined : response.alignment
    return {
      dmarc: judged,
      spfAligned: identifiers.spf.domain !== null && aligns(identifiers.spf.domain, strict?.spf.strict ?? false),
      aligned: (domain) => aligns(domain, strict?.dkim.strict ?? false),
    }
  }
  const judged: Dmarc[] = []
  for (const address of domains.slice(0, MAX_AUTHORS)) judged.push((await evaluate(identifiers, [address], dns)).dmarc)
  const worst = gravest(judged)
  const text = fields > 1 ? `${fields} From fields` : `header From names ${domains.length} domains`
  const failed = worst.result === 'fail' || worst.result === 'temperror'
  return {
    dmarc: { ...worst, result: failed ? worst.result : 'permerror', explanation: text },
    spfAligned: false,
    aligned: () => false,
  }
}
