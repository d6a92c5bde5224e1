import { arc, type ARCChainEntry, type DKIMVerifyResult } from 'mailauth'
import { arcResult, type AuthenticationResults } from '#domain/message/authentication-results'
import { explanation } from './explanation.ts'
import type { MethodDns } from './mailauth-resolver.ts'

type Arc = AuthenticationResults['arc']

const keyNames = (chain: readonly ARCChainEntry[]): string[] =>
  chain.flatMap((set) =>
    [set['arc-seal'], set['arc-message-signature']].flatMap((field) => {
      const parsed: Record<string, { value?: unknown } | undefined> = field?.parsed ?? {}
      const [selector, domain] = [parsed['s']?.value, parsed['d']?.value]
      return typeof selector === 'string' && typeof domain === 'string' ? [`${selector}._domainkey.${domain}`] : []
    }),
  )

/**
 * ARC (RFC 8617 5.2) of the chain that the DKIM pass read. `instances`: how many sets the chain has. A key that could not be
 * looked up for now is a temperror here, where mailauth says fail.
 */
export const validateArc = async (chain: DKIMVerifyResult['arc'], dns: MethodDns): Promise<Arc> => {
  if (chain === undefined) return { result: 'none', instances: 0, explanation: null }
  const sets = Array.isArray(chain.chain) ? chain.chain : []
  const found = await arc(chain as Parameters<typeof arc>[0], { resolver: dns.resolve, strict: true })
  const result = arcResult.safeParse(found.status.result)
  const text = explanation(found.status.comment)
  if (found.status.result === 'fail' && keyNames(sets).some((name) => dns.failedTemporarily(name, 'TXT'))) {
    return { result: 'temperror', instances: sets.length, explanation: text ?? 'a key could not be looked up' }
  }
  return { result: result.success ? result.data : 'permerror', instances: sets.length, explanation: text }
}
