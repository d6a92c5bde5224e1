import { arc, type ARCChainEntry, type DKIMVerifyResult } from 'mailauth'
import { arcResult, type AuthenticationResults } from '#domain/message/authentication-results'
import { parseDomainName } from '#domain/message/domain-name'
import { explanation } from './explanation.ts'
import type { MethodDns } from './mailauth-resolver.ts'

type Arc = AuthenticationResults['arc']
type Tags = Record<string, { value?: unknown } | undefined>

/** One set of a chain (RFC 8617 4.2), as far as it can be trusted to be what its sealer wrote: only of a chain that passes. */
export interface SealedSet {
  readonly instance: number
  /** `d=` of the seal. */
  readonly sealer: string
  /** From domains for which the sealer saw DMARC pass. */
  readonly passed: readonly string[]
}

export interface Chain {
  readonly arc: Arc
  /** Newest first; empty unless the chain passes and its newest signature covers From. */
  readonly sets: readonly SealedSet[]
}

const tagOf = (field: unknown, name: string): string | null => {
  const { parsed } = (field ?? {}) as { parsed?: Tags }
  const value = parsed?.[name]?.value
  return typeof value === 'string' ? value : null
}

const keyNames = (chain: readonly ARCChainEntry[]): string[] =>
  chain.flatMap((set) =>
    [set['arc-seal'], set['arc-message-signature']].flatMap((field) => {
      const [selector, domain] = [tagOf(field, 's'), tagOf(field, 'd')]
      return selector !== null && domain !== null ? [`${selector}._domainkey.${domain}`] : []
    }),
  )

/** `dmarc=pass header.from=<domain>` of an ARC-Authentication-Results field, as mailauth reads its grammar. */
const passedIn = (set: ARCChainEntry): string[] => {
  const parsed = (set['arc-authentication-results']?.parsed ?? {}) as Readonly<Record<string, unknown>>
  return [parsed['dmarc']].flat().flatMap((result) => {
    const { value, header } = (result ?? {}) as { value?: unknown; header?: { from?: unknown } }
    const domain = typeof header?.from === 'string' ? parseDomainName(header.from) : null
    return typeof value === 'string' && value.toLowerCase() === 'pass' && domain !== null ? [domain] : []
  })
}

/** RFC 6376 5.4: who signs no From says nothing about it. */
const signsFrom = (newest: ARCChainEntry | undefined): boolean =>
  (tagOf(newest?.['arc-message-signature'], 'h') ?? '')
    .toLowerCase()
    .split(':')
    .some((name) => name.trim() === 'from')

const setsOf = (chain: readonly ARCChainEntry[]): SealedSet[] =>
  chain
    .map((set, at) => ({
      instance: at + 1,
      sealer: parseDomainName(tagOf(set['arc-seal'], 'd') ?? '') ?? '',
      passed: passedIn(set),
    }))
    .toReversed()

/**
 * ARC (RFC 8617 5.2) of the chain that the DKIM pass read. `instances`: how many sets the chain has. A key that could not be
 * looked up for now is a temperror here, where mailauth says fail.
 */
export const validateArc = async (read: DKIMVerifyResult['arc'], dns: MethodDns): Promise<Chain> => {
  if (read === undefined) return { arc: { result: 'none', instances: 0, explanation: null }, sets: [] }
  const chain = Array.isArray(read.chain) ? read.chain : []
  // Before: validating changes what was read.
  const sets = signsFrom(chain.at(-1)) ? setsOf(chain) : []
  const found = await arc(read as Parameters<typeof arc>[0], { resolver: dns.resolve, strict: true })
  const result = arcResult.safeParse(found.status.result)
  const text = explanation(found.status.comment)
  const instances = chain.length
  if (found.status.result === 'fail' && keyNames(chain).some((name) => dns.failedTemporarily(name, 'TXT')))
    return {
      arc: { result: 'temperror', instances, explanation: text ?? 'a key could not be looked up' },
      sets: [],
    }
  return {
    arc: { result: result.success ? result.data : 'permerror', instances, explanation: text },
    sets: found.status.result === 'pass' ? sets : [],
  }
}

/**
 * The sealer by whose word a mail from `domain` passed DMARC when it came there: one that policy trusts, as everybody is through whose hands it
 * went since (RFC 8617 7.2.1). null: none.
 */
export const vouchingSealer = (
  sets: readonly SealedSet[],
  domain: string,
  trusted: readonly string[],
): SealedSet | null => {
  const names = new Set(trusted.map((name) => parseDomainName(name)))
  for (const set of sets) {
    if (!names.has(set.sealer)) return null
    if (set.passed.includes(domain)) return set
  }
  return null
}
