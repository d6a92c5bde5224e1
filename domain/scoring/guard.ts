import type { AuthenticationResults } from '../message/authentication-results.ts'

export interface GuardedMail {
  /** null while a mail has not been authenticated: then no entry applies. */
  readonly authentication: AuthenticationResults | null
  /** Domains of header From (and Sender), lower case. */
  readonly headerFromDomains: readonly string[]
  /** Domain of the envelope's reverse path, lower case; null for `<>`. */
  readonly envelopeDomain: string | null
  readonly hostedDomains: ReadonlySet<string>
  /** One of our users sent it, signed in. */
  readonly submissionAuthenticated: boolean
  /** The administrator of the recipient's domain can switch the guard off. */
  readonly guard: boolean
}

/**
 * Whether an allow entry may let this mail through unchecked (design.md 1.4). Not when the mail fails the DMARC policy that its
 * From domain publishes, nor when mail from outside claims one of our own domains without proof: an aligned SPF or DKIM pass
 * for header From, an SPF pass for the envelope. Then it is not from the sender that the entry trusts.
 */
export const allowEntryApplies = (mail: GuardedMail): boolean => {
  if (!mail.guard || mail.submissionAuthenticated) return true
  const { authentication } = mail
  if (authentication === null) return false
  const { spf, dkim, dmarc } = authentication
  if (dmarc.result === 'fail' && (dmarc.policy === 'quarantine' || dmarc.policy === 'reject')) return false
  const claimed = (domain: string): boolean => mail.hostedDomains.has(domain.toLowerCase())
  const provesFrom =
    dmarc.result === 'pass' ||
    (spf.result === 'pass' && spf.aligned) ||
    dkim.some((signature) => signature.result === 'pass' && signature.aligned)
  if (mail.headerFromDomains.some(claimed) && !provesFrom) return false
  return !(mail.envelopeDomain !== null && claimed(mail.envelopeDomain) && spf.result !== 'pass')
}
