import { put, remove } from '#domain/kernel/projection'
import type { Change, Projected, RowReader, Table } from '#domain/kernel/projection'
import type { Instant } from '#domain/kernel/instant'
import { ADMINISTRATOR } from '#domain/mail/delivery'
import type { MailEvent, Route } from '#domain/mail/events'
import { isPermanent } from '#domain/message/reply'
import { classify } from '#domain/relay/replies'

/**
 * What waits for one destination: a domain of recipients and the way there. Counted as entries come and go, and gone with the last of them: what it costs
 * to know goes by the number of destinations. What is due, and since when it waits, the indexes of the entries tell.
 */
export type DestinationRow = {
  readonly domain: string
  readonly route: Route
  /** Entries that are tried, or held: what is undeliverable is not among them. */
  readonly waiting: number
  readonly held: number
  readonly undeliverable: number
  /** JSON: {code, enhancedCode, text}, the last one that was no success. */
  readonly lastReply: string | null
  readonly host: string | null
  readonly repliedAt: Instant | null
  readonly deliveredAt: Instant | null
  /** Since when no server of it can be used, or they ask to be left alone; null: the last one that was asked spoke about a mail. */
  readonly awaySince: Instant | null
}

export const destinations: Table = {
  name: 'destinations',
  key: ['domain', 'route'],
  columns: {
    domain: 'text',
    route: 'text',
    waiting: 'integer',
    held: 'integer',
    undeliverable: 'integer',
    lastReply: 'text',
    host: 'text',
    repliedAt: 'integer',
    deliveredAt: 'integer',
    awaySince: 'integer',
  },
}

/** What of an entry is counted. */
interface Entry {
  readonly domain: string
  readonly route: Route
  readonly state: 'pending' | 'deferred' | 'undeliverable'
  readonly held: 0 | 1
}

/** What an event does to the destinations of its entries: as they were before it, and as they are after it. */
export const counted = (
  event: Projected<MailEvent>,
  before: readonly Entry[],
  after: readonly Entry[],
  rows: RowReader,
): readonly Change[] => {
  const places = new Map([...before, ...after].map((row) => [placeOf(row).join(), row]))
  return [...places.values()].map((row) => {
    const place = placeOf(row)
    const known = (rows.get('destinations', place) as DestinationRow | undefined) ?? empty(place)
    const waiting = known.waiting + countIn(place, after, isWaiting) - countIn(place, before, isWaiting)
    const held = known.held + countIn(place, after, isHeld) - countIn(place, before, isHeld)
    const undeliverable =
      known.undeliverable + countIn(place, after, isUndeliverable) - countIn(place, before, isUndeliverable)
    if (waiting + undeliverable === 0) return remove('destinations', place)
    const fares = before.some((row) => isAt(place, row)) ? faresAfter(event, known) : known
    return put('destinations', { ...fares, waiting, held, undeliverable } satisfies DestinationRow)
  })
}

type Place = readonly [domain: string, route: Route]

const placeOf = ({ domain, route }: Entry): Place => [domain, route]

const isAt = ([domain, route]: Place, row: Entry): boolean => row.domain === domain && row.route === route

const isUndeliverable = ({ state }: Entry): boolean => state === 'undeliverable'
const isWaiting = (row: Entry): boolean => !isUndeliverable(row)
const isHeld = ({ held }: Entry): boolean => held === 1

const countIn = (place: Place, entries: readonly Entry[], counts: (row: Entry) => boolean): number =>
  entries.filter((row) => isAt(place, row) && counts(row)).length

/** How the destination fares, after what was said at it. */
const faresAfter = (event: Projected<MailEvent>, known: DestinationRow): DestinationRow => {
  switch (event.type) {
    case 'Delivered':
      return { ...known, deliveredAt: event.data.at, awaySince: null }
    case 'Deferred': {
      const { cause, host, reply } = event.data
      const away = cause === 'host-away' || cause === 'destination-away' || (cause === 'reply' && classify(reply).rests)
      return {
        ...known,
        lastReply: JSON.stringify(reply),
        host,
        repliedAt: event.occurredAt,
        awaySince: away ? (known.awaySince ?? event.occurredAt) : null,
      }
    }
    case 'Bounced':
    case 'Undeliverable': {
      const { host, reply } = event.data
      if (host === ADMINISTRATOR) return known
      return {
        ...known,
        lastReply: JSON.stringify(reply),
        host,
        repliedAt: event.occurredAt,
        awaySince: isPermanent(reply) ? null : known.awaySince,
      }
    }
    default:
      return known
  }
}

const empty = ([domain, route]: Place): DestinationRow => ({
  domain,
  route,
  waiting: 0,
  held: 0,
  undeliverable: 0,
  lastReply: null,
  host: null,
  repliedAt: null,
  deliveredAt: null,
  awaySince: null,
})
