import { domainOf } from '../message/mailbox.ts'
import type { Mail } from './state.ts'

/**
 * No backscatter (design.md §3): a notice of failure goes to who submitted the mail, or to a sender whose domain passed SPF or DKIM, so that it
 * can't go to somebody whose address was forged. Never for `<>`, never for mail of our own.
 */
export const senderMayBeTold = ({ accepted, authentication }: Pick<Mail, 'accepted' | 'authentication'>): boolean => {
  const { flow, reversePath } = accepted
  if (reversePath === null || flow === 'system') return false
  if (flow === 'submission') return true
  if (authentication === null) return false
  const domain = domainOf(reversePath).toLowerCase()
  const { spf, dkim } = authentication.results
  if (spf.result === 'pass' && spf.domain?.toLowerCase() === domain) return true
  return dkim.some(({ result, domain: signer }) => result === 'pass' && signer !== null && speaksFor(signer, domain))
}

/** A domain's signature speaks for its subdomains too. */
const speaksFor = (signer: string, domain: string): boolean =>
  domain === signer.toLowerCase() || domain.endsWith(`.${signer.toLowerCase()}`)
