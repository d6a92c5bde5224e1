import type { Mail, RecipientState } from '#domain/mail/state'
import { parseDomainName } from '#domain/message/domain-name'
import { domainOf, type Address } from '#domain/message/mailbox'
import type { HostedDomains } from '#infra/commands/hosted-domains'
import type { ReturnAddresses } from '#infra/commands/return-addresses'

export interface ReversePathParts {
  readonly hostedDomains: Pick<HostedDomains, 'current' | 'fresh'>
  readonly returnAddresses: Pick<ReturnAddresses, 'rewrite'>
}

/**
 * The hosted domain that a recipient's copy goes out from under a return address (domain/message/srs.ts), because it is forwarded from here and its sender is
 * from elsewhere; null: it goes out under its own reverse-path.
 */
export const rewrittenFor = (
  { hostedDomains }: Pick<ReversePathParts, 'hostedDomains'>,
  { accepted: { reversePath } }: Mail,
  { forwardedBy }: Pick<RecipientState, 'forwardedBy'>,
): string | null => {
  if (reversePath === null || forwardedBy === undefined) return null
  const domain = domainOf(reversePath)
  return hostedDomains.current(parseDomainName(domain) ?? domain) === null ? domainOf(forwardedBy) : null
}

/** null: `<>`. */
export const reversePathFor = async (
  { returnAddresses }: ReversePathParts,
  mailId: string,
  { accepted: { reversePath } }: Mail,
  domain: string | null,
): Promise<Address | null> =>
  reversePath === null || domain === null ? reversePath : returnAddresses.rewrite(mailId, reversePath, domain)
