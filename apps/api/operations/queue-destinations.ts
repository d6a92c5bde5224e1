import { domainToASCII } from 'node:url'
import { z } from 'zod'
import { route } from '#domain/mail/events'
import { reply, type Reply } from '#domain/message/reply'
import type { ViewReader } from '#infra/views/port'
import type { DestinationRow } from '#projections/delivery-queue/destinations'
import { time, toTimeOrNull } from '../resources/shapes.ts'
import { QUEUE_VIEW } from './queue-filter.ts'

/** More than so many entries that are due at one destination are not counted. */
const COUNTED = 1_000

export const destinationShape = z
  .object({
    destination: z.string().describe("the recipients' domain"),
    route,
    waiting: z.number().describe('entries that are tried or held'),
    due: z.number().describe(`of those, what may be tried now; counted up to ${COUNTED}`),
    held: z.number().describe('of those that wait'),
    undeliverable: z.number(),
    waitingSince: time.nullable().describe('of what has waited longest'),
    dueAt: time.nullable().describe('the next try; while a mailbox host is away: when it is given up'),
    reply: reply.nullable().describe('the last one that was no success'),
    host: z.string().nullable(),
    repliedAt: time.nullable(),
    deliveredAt: time.nullable().describe('the last success while something waited'),
    awaySince: time
      .nullable()
      .describe(
        'since when no server of it can be used, or they ask to be left alone: it is tried less and less often; null: they speak about mail',
      ),
  })
  .meta({ id: 'QueueDestination' })

interface DestinationQuery {
  readonly destination?: string | undefined
  readonly away?: boolean | undefined
  readonly order: 'name' | 'waiting'
  readonly limit: number
  readonly after: DestinationKey | null
  readonly now: number
}

/** Where a page ended; `waiting` counts where the order goes by it. */
export type DestinationKey = Pick<DestinationRow, 'domain' | 'route' | 'waiting'>

export type WaitingDestination = DestinationRow & {
  readonly due: number
  readonly dueAt: number | null
  readonly pendingSince: number | null
  readonly deferredSince: number | null
}

/** What waits, by destination. What it costs goes by the destinations on the page: each is counted in a row of its own, the rest is found by indexes. */
export const destinationsWaiting = (
  views: Pick<ViewReader, 'select'>,
  { destination, away, order, limit, after, now }: DestinationQuery,
): readonly WaitingDestination[] =>
  views.select<WaitingDestination>(QUEUE_VIEW, DESTINATIONS[order], {
    now,
    limit,
    destination: destination ?? null,
    inALabels: destination === undefined ? null : domainToASCII(destination),
    away: away === undefined ? null : Number(away),
    domain: after?.domain ?? null,
    route: after?.route ?? null,
    ...(order === 'waiting' ? { waiting: after?.waiting ?? null } : {}),
  })

const OF_IT = 'e.domain = d.domain AND +e.route = d.route'
const SINCE = (state: string) =>
  `(SELECT e.queuedAt FROM {entries} e WHERE ${OF_IT} AND e.state = '${state}' AND e.queuedAt > -1 ORDER BY e.queuedAt LIMIT 1)`

const BEYOND = '(domain > :domain OR (domain = :domain AND route > :route))'

// The page first: nothing is looked up for what is not on it.
const destinationsBy = (beyond: string, order: string): string => `SELECT d.*,
    (SELECT count(*) FROM (SELECT 1 FROM {entries} e WHERE ${OF_IT} AND e.held = 0 AND e.dueAt <= :now LIMIT ${COUNTED})) AS due,
    (SELECT e.dueAt FROM {entries} e WHERE ${OF_IT} AND e.held = 0 AND e.dueAt > -1 ORDER BY e.dueAt LIMIT 1) AS dueAt,
    ${SINCE('pending')} AS pendingSince, ${SINCE('deferred')} AS deferredSince
  FROM (
    SELECT * FROM {destinations}
    WHERE (:destination IS NULL OR domain IN (:destination, :inALabels)) AND (:away IS NULL OR (awaySince IS NOT NULL) = :away)
      AND (:domain IS NULL OR ${beyond})
    ORDER BY ${order} LIMIT :limit
  ) d
  ORDER BY ${order}`

export const DESTINATIONS = {
  name: destinationsBy(BEYOND, 'domain, route'),
  waiting: destinationsBy(`(waiting < :waiting OR (waiting = :waiting AND ${BEYOND}))`, 'waiting DESC, domain, route'),
} as const

export const shownDestination = (row: WaitingDestination) => ({
  destination: row.domain,
  route: row.route,
  waiting: row.waiting,
  due: row.due,
  held: row.held,
  undeliverable: row.undeliverable,
  waitingSince: toTimeOrNull(earlier(row.pendingSince, row.deferredSince)),
  dueAt: toTimeOrNull(row.dueAt),
  reply: row.lastReply === null ? null : (JSON.parse(row.lastReply) as Reply),
  host: row.host,
  repliedAt: toTimeOrNull(row.repliedAt),
  deliveredAt: toTimeOrNull(row.deliveredAt),
  awaySince: toTimeOrNull(row.awaySince),
})

const earlier = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other)
