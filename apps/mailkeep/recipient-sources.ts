import { RecipientSources } from '#infra/directory-source/sources'
import { rcptProbe } from '#infra/smtp/rcpt-probe'
import type { Foundation } from './foundation.ts'

/** Who else knows the recipients of hosted domains: mailbox hosts and LDAP directories. */
export const openRecipientSources = ({ config, hostedDomains, secrets }: Foundation): RecipientSources =>
  new RecipientSources({
    probe: rcptProbe(config.hostname),
    open: (sealed, purpose) => secrets.open(sealed, purpose),
    hostPassword: (domain) => {
      const sealed = hostedDomains.mailboxHostPassword(domain)
      return sealed === null ? null : secrets.open(sealed, `mailbox-host:${domain}`)
    },
  })
