import { domainOf } from '#domain/message/mailbox'
import { Courier } from '#apps/courier/courier'
import { RecordingQueue } from '#apps/courier/recording-queue'
import type { ReportAddress } from '#apps/courier/reports/may-be-told'
import { dueDeliveries } from '#apps/courier/due-deliveries'
import { RoutedHosts } from '#infra/mailbox-host/hosts'
import { MaildirHost } from '#infra/mailbox-host/maildir'
import { SmtpPool } from '#infra/smtp/client/pool'
import { resolveRecipient } from '#projections/directory/resolve'
import { startRelay, type RelayPartOptions } from './relay-part.ts'

/** Delivery to the mailbox hosts, and relaying to the Internet. */
export const startCourier = async ({
  foundation,
  metrics,
  ...relaying
}: Pick<RelayPartOptions, 'foundation' | 'metrics' | 'dns' | 'listeners' | 'demo'>): Promise<Pick<Courier, 'stop'>> => {
  const { config, folders, hostedDomains, secrets, views } = foundation
  const transport = new SmtpPool({ name: config.hostname })
  const records = new RecordingQueue(foundation)
  const reportAddresses = (address: string): readonly ReportAddress[] => {
    if (hostedDomains.current(domainOf(address)) === null) return [{ mailbox: address, route: 'relay' }]
    const resolved = resolveRecipient(address, (table, key) => views.get('directory', table, key))
    if (resolved.kind !== 'mailboxes') return []
    // Of a group or a postmaster one person may be told, not several.
    if (resolved.account === null && resolved.recipients.length !== 1) return []
    return resolved.recipients.map(({ address: _asGiven, ...to }) => ({ ...to, route: 'mailbox' }))
  }
  const courier = new Courier({
    ...foundation,
    records,
    domains: hostedDomains,
    hosts: new RoutedHosts({ maildir: new MaildirHost(folders.mailboxes), transport }),
    passwordOf: (domain) => {
      const sealed = hostedDomains.mailboxHostPassword(domain)
      return sealed === null ? null : secrets.open(sealed, `mailbox-host:${domain}`)
    },
    reportAddresses,
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
  const relay = await startRelay({ foundation, metrics, transport, records, reportAddresses, ...relaying })
  return {
    async stop() {
      records.stop()
      await Promise.all([courier.stop(), relay.stop()])
      await transport.close()
    },
  }
}
