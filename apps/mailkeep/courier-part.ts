import type { QueueRow } from '#projections/delivery-queue/projection'
import { Courier } from '#apps/courier/courier'
import { MaildirHost } from '#infra/mailbox-host/maildir'
import type { Metrics } from '#infra/observability/metrics'
import type { Foundation } from './foundation.ts'

/** Delivery to the mailbox hosts. */
export const startCourier = async ({
  foundation,
  metrics,
}: {
  foundation: Foundation
  metrics: Metrics
}): Promise<Courier> => {
  const { folders, hostedDomains, views } = foundation
  const courier = new Courier({
    ...foundation,
    domains: hostedDomains,
    hosts: new Map([['maildir', new MaildirHost(folders.mailboxes)]]),
    // A first attempt is the reaction group's; here is what a due time waits for.
    due: (now, limit) =>
      views
        .select<QueueRow>(
          'delivery-queue',
          `SELECT DISTINCT mail FROM {entries} WHERE held = 0 AND state = 'deferred' AND dueAt <= :now ORDER BY dueAt LIMIT :limit`,
          { now, limit },
        )
        .map(({ mail }) => mail),
    metrics: {
      delivered: (_host, outcome) => {
        const counter = { delivered: metrics.delivered, deferred: metrics.deferred, failed: metrics.bounced }[outcome]
        counter.inc({ route: 'mailbox' })
      },
    },
  })
  await courier.start()
  return courier
}
