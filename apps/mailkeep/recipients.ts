import { adoptEntries } from '#apps/mx/adopt-entries'
import { Recipients } from '#apps/mx/recipients'
import { VerifiedRecipients } from '#apps/mx/verified-recipients'
import type { RecipientSources } from '#infra/directory-source/sources'
import type { Foundation } from './foundation.ts'

/** Who an address stands for: one for all listeners, so that what one has asked the others know. */
export const openRecipients = (foundation: Foundation, sources: RecipientSources): VerifiedRecipients => {
  const { clock, hostedDomains, log, logger, policies, views } = foundation
  return new VerifiedRecipients({
    recipients: new Recipients(log, views),
    hostedDomains,
    policies,
    sources,
    adopt: (domain, entries) => adoptEntries(foundation, domain, entries),
    clock,
    logger,
  })
}
