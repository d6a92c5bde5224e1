import { domainOf } from '#domain/message/mailbox'
import { Courier } from '#apps/courier/courier'
import { dueDeliveries } from '#apps/courier/due-deliveries'
import { RoutedHosts } from '#infra/mailbox-host/hosts'
import { MaildirHost } from '#infra/mailbox-host/maildir'
import { SmtpPool } from '#infra/smtp/client/pool'
import type { Metrics } from '#infra/observability/metrics'
import { resolveRecipient } from '#projections/directory/resolve'
import type { Foundation } from './foundation.ts'

/** Delivery to the mailbox hosts. */
export const startCourier = async ({
  foundation,
  metrics,
}: {
  foundation: Foundation
  metrics: Metrics
}): Promise<Pick<Courier, 'stop'>> => {
  const { config, folders, hostedDomains, secrets, views } = foundation
  const transport = new SmtpPool({ name: config.hostname })
  const courier = new Courier({
    ...foundation,
    domains: hostedDomains,
    hosts: new RoutedHosts({ maildir: new MaildirHost(folders.mailboxes), transport }),
    passwordOf: (domain) => {
      const sealed = hostedDomains.mailboxHostPassword(domain)
      return sealed === null ? null : secrets.open(sealed, `mailbox-host:${domain}`)
    },
    reportAddress: (address) => {
      if (hostedDomains.current(domainOf(address)) === null) return { mailbox: address, route: 'relay' }
      const resolved = resolveRecipient(address, (table, key) => views.get('directory', table, key))
      const [only, ...more] = resolved.kind === 'mailboxes' ? resolved.recipients : []
      return only === undefined || more.length > 0 ? null : { mailbox: only.mailbox, route: 'mailbox' }
    },
    due: (now, limit, domains, claimant) => dueDeliveries(views, now, limit, domains, claimant),
    node: config.node.name,
    metrics: {
      delivered: (_host, outcome) => {
        const counter = { delivered: metrics.delivered, deferred: metrics.deferred, failed: metrics.bounced }[outcome]
        counter.inc({ route: 'mailbox' })
      },
    },
  })
  await courier.start()
  return {
    async stop() {
      await courier.stop()
      await transport.close()
    },
  }
}
