import type { AuthenticationResults } from '../message/authentication-results.ts'

/** Of several signatures the one that counts: one that passes, else one that might have, else the gravest failure. */
const DKIM_ORDER = ['pass', 'temperror', 'fail', 'policy', 'permerror', 'neutral'] as const

const dkimSymbols = (signatures: AuthenticationResults['dkim']): string[] => {
  const result = DKIM_ORDER.find((one) => signatures.some((signature) => signature.result === one)) ?? 'none'
  const passing = signatures.filter((signature) => signature.result === 'pass')
  // A signature of the whole body makes up for others that leave some of it open.
  const isOpen = passing.length > 0 && passing.every(({ unsigned }) => unsigned !== undefined)
  const isMore = isOpen && passing.every(({ unsigned = 0 }) => unsigned > 0)
  return [`DKIM_${result.toUpperCase()}`, ...(isMore ? ['DKIM_BODY_UNSIGNED'] : isOpen ? ['DKIM_BODY_LENGTH'] : [])]
}

const dmarcSymbols = ({ result, policy }: AuthenticationResults['dmarc']): string[] => [
  `DMARC_${result.toUpperCase()}`,
  ...(result === 'fail' && (policy === 'reject' || policy === 'quarantine') ? [`DMARC_${policy.toUpperCase()}`] : []),
]

/**
 * What authentication said, as symbols: `SPF_`, `DKIM_` and `DMARC_` with the result, `ARC_` where there is a chain. A mail that fails DMARC where
 * the From domain publishes a policy yields DMARC_REJECT or DMARC_QUARANTINE, too.
 */
export const authenticationSymbols = ({ spf, dkim, dmarc, arc }: AuthenticationResults): string[] => [
  `SPF_${spf.result.toUpperCase()}`,
  ...(spf.helo?.result === 'fail' ? ['SPF_HELO_FAIL'] : []),
  ...dkimSymbols(dkim),
  ...dmarcSymbols(dmarc),
  ...(arc.result === 'none' ? [] : [`ARC_${arc.result.toUpperCase()}`]),
  ...(dmarc.sealer === undefined ? [] : ['ARC_TRUSTED']),
]
