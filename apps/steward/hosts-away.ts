import { MINUTE } from '#domain/kernel/instant'
import type { Trouble } from './trouble.ts'
import { DOMAINS_WAITING } from '#projections/delivery-queue/waiting-for-hosts'
import type { StewardParts } from './steward-parts.ts'

/** A host that restarts is no reason to call anybody. */
const LONG = 5 * MINUTE
/** More than so many waiting mails are not counted. */
const COUNTED = 1_000

const WAITING = `SELECT count(*) AS waiting, min(queuedAt) AS since, max(host) AS host FROM
  (SELECT queuedAt, host FROM {entries} WHERE cause = 'host-away' AND domain = :domain AND held = 0 AND +state = 'deferred' LIMIT ${COUNTED})`

/** Domains whose mail has waited long for a mailbox host, as the delivery queue shows it: whichever node tried. */
export const hostsAway = ({ clock, views }: Pick<StewardParts, 'clock' | 'views'>): Trouble[] =>
  views.select<{ domain: string }>('delivery-queue', DOMAINS_WAITING).flatMap(({ domain }): Trouble[] => {
    const [row] = views.select<{ waiting: number; since: number | null; host: string | null }>(
      'delivery-queue',
      WAITING,
      {
        domain,
      },
    )
    if (row?.since === null || row?.since === undefined || clock() - row.since < LONG) return []
    const many =
      row.waiting >= COUNTED ? `${COUNTED} mails or more` : row.waiting === 1 ? '1 mail' : `${row.waiting} mails`
    return [
      {
        kind: 'mailbox-host-away',
        subject: domain,
        detail: `${row.host ?? 'The mailbox host'} of ${domain} can't be used since ${new Date(row.since).toISOString()}: ${many} wait for it and are delivered by themselves when it is back. See why: mailkeep queue list`,
      },
    ]
  })
