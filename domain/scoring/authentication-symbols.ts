import type { AuthenticationResults } from '../message/authentication-results.ts'

/** The DKIM result that counts of several signatures: one that passes, else one that might have, else the failure. */
const dkimSymbol = (signatures: AuthenticationResults['dkim']): string => {
  const any = (result: string): boolean => signatures.some((one) => one.result === result)
  if (signatures.length === 0) return 'DKIM_NONE'
  if (any('pass')) return 'DKIM_PASS'
  if (any('temperror')) return 'DKIM_TEMPERROR'
  return any('fail') ? 'DKIM_FAIL' : 'DKIM_PERMERROR'
}

const dmarcSymbol = ({ result, policy }: AuthenticationResults['dmarc']): string => {
  if (result !== 'fail') return `DMARC_${result.toUpperCase()}`
  return policy === 'reject' ? 'DMARC_REJECT' : policy === 'quarantine' ? 'DMARC_QUARANTINE' : 'DMARC_FAIL'
}

/**
 * What authentication said, as symbols: one each of SPF, DKIM and DMARC, one of ARC where there is a chain. A mail that fails DMARC
 * where the From domain publishes a policy yields DMARC_REJECT or DMARC_QUARANTINE, one that fails `p=none` DMARC_FAIL.
 */
export const authenticationSymbols = (results: AuthenticationResults): string[] => [
  `SPF_${results.spf.result.toUpperCase()}`,
  dkimSymbol(results.dkim),
  dmarcSymbol(results.dmarc),
  ...(results.arc.result === 'none' ? [] : [`ARC_${results.arc.result.toUpperCase()}`]),
]
