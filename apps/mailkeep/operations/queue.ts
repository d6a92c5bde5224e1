import { z } from 'zod'
import { actOnMany, countForAct, queueActs, queueCommand, type QueueAct } from '#apps/api/operations/queue-acts'
import { destinationsWaiting, shownDestination } from '#apps/api/operations/queue-destinations'
import { entriesMatching, queueCriteria, type EntryKey, type QueueFilter } from '#apps/api/operations/queue-filter'
import { shownEntry } from '#apps/api/operations/shown-entry'
import { mailId } from '#apps/api/resources/shapes'
import type { Foundation } from '../foundation.ts'
import { accepted, askedBy, operation, OperationRefused, upToDate, type Circumstances } from './operation.ts'
import { destinationKey, destinationKeyOf, entryKey, keyOf } from './paging.ts'

/** As many as one request acts on; a second one goes on. */
const MOST_AT_ONCE = 10_000
/** Between two of these the progress is told. */
const PAGE = 500

const criteria = { ...queueCriteria, held: z.boolean().optional() }
const limit = z.number().int().min(1).max(10_000)

interface ActResult extends EntryKey {
  readonly state: 'due' | 'bounced' | 'held' | 'unheld' | 'failed'
  readonly detail: string | null
}

const DONE = {
  retry: 'due',
  bounce: 'bounced',
  hold: 'held',
  unhold: 'unheld',
} as const satisfies Readonly<Record<QueueAct, ActResult['state']>>

export const queueOperations = {
  'queue-list': operation(
    z.strictObject({ ...criteria, after: entryKey.optional(), limit: limit.default(100) }),
    async (foundation, { after, limit, ...filter }, circumstances) => {
      await upToDate(foundation, circumstances, 'delivery-queue', ['mail'])
      const rows = entriesMatching(foundation.views, filter, { after: after ?? null, limit: limit + 1 })
      return { items: rows.slice(0, limit).map(shownEntry), next: rows.length > limit ? keyOf(rows[limit - 1]) : null }
    },
  ),

  'queue-destinations': operation(
    z.strictObject({
      destination: queueCriteria.destination,
      away: z.literal(true).optional(),
      after: destinationKey.optional(),
      limit: limit.default(100),
    }),
    async (foundation, { after, limit, ...query }, circumstances) => {
      await upToDate(foundation, circumstances, 'delivery-queue', ['mail'])
      const rows = destinationsWaiting(foundation.views, {
        ...query,
        order: 'waiting',
        after: after ?? null,
        limit: limit + 1,
        now: foundation.clock(),
      })
      return {
        items: rows.slice(0, limit).map(shownDestination),
        next: rows.length > limit ? destinationKeyOf(rows[limit - 1]) : null,
      }
    },
  ),

  /** How many entries an act would change, counted up to what one request acts on. */
  'queue-count': operation(
    z.strictObject({ act: z.enum(queueActs), ...criteria }),
    async (foundation, { act, ...filter }, circumstances) => {
      await upToDate(foundation, circumstances, 'delivery-queue', ['mail'])
      const { clock, views } = foundation
      return { entries: countForAct(views, act, filter, { now: clock(), most: MOST_AT_ONCE }) }
    },
  ),

  'queue-act': operation(
    z.strictObject({ act: z.enum(queueActs), mail: mailId.nullable().default(null), ...criteria }),
    async (foundation, { act, mail, ...filter }, circumstances) => {
      await upToDate(foundation, circumstances, 'delivery-queue', ['mail'])
      const outcome =
        mail === null
          ? await actOnAll(foundation, circumstances, act, filter)
          : {
              results: await actOnMail(foundation, circumstances, act, { mail, recipient: filter.recipient }),
              more: false,
            }
      return { ...outcome, serverRuns: circumstances.server !== null }
    },
  ),
}

const actOnMail = async (
  foundation: Foundation,
  circumstances: Circumstances,
  act: QueueAct,
  { mail, recipient }: { readonly mail: string; readonly recipient: string | undefined },
): Promise<readonly ActResult[]> => {
  const rows = foundation.views.select<EntryKey>(
    'delivery-queue',
    `SELECT mail, recipient FROM {entries}
      WHERE mail = :mail AND (:recipient IS NULL OR lower(recipient) = :recipient OR lower(address) = :recipient)
      ORDER BY recipient LIMIT :limit`,
    { mail, recipient: recipient ?? null, limit: MOST_AT_ONCE },
  )
  if (rows.length === 0)
    throw new OperationRefused(
      `Mail ${mail} does not wait for delivery${recipient === undefined ? '' : ` to ${recipient}`}.`,
      { instead: `mailkeep mail trace ${mail}` },
    )
  const results: ActResult[] = []
  for (const row of rows) results.push(await actOnOne(foundation, circumstances, act, row))
  return results
}

const actOnOne = async (
  foundation: Foundation,
  circumstances: Circumstances,
  act: QueueAct,
  { mail, recipient }: EntryKey,
): Promise<ActResult> => {
  try {
    accepted(
      await foundation.commands.mail(
        mail,
        queueCommand(act, recipient, operatorOf(circumstances), foundation.clock()),
        askedBy(foundation, circumstances, `${act} ${mail} ${recipient}`),
      ),
    )
    return { mail, recipient, state: DONE[act], detail: null }
  } catch (error) {
    if (!(error instanceof OperationRefused)) throw error
    return { mail, recipient, state: 'failed', detail: error.message }
  }
}

const actOnAll = async (
  foundation: Foundation,
  circumstances: Circumstances,
  act: QueueAct,
  filter: QueueFilter,
): Promise<{ readonly results: readonly ActResult[]; readonly more: boolean }> => {
  const now = foundation.clock()
  const total = countForAct(foundation.views, act, filter, { now, most: MOST_AT_ONCE })
  const results: ActResult[] = []
  let after: EntryKey | null = null
  for (let seen = 0; seen < MOST_AT_ONCE; seen += PAGE) {
    circumstances.progress({ what: act, done: Math.min(seen, total), total })
    const { entries, next } = await actOnMany(foundation, {
      act,
      filter,
      after,
      limit: PAGE,
      by: operatorOf(circumstances),
      now,
      asked: (part) => askedBy(foundation, circumstances, `${act} ${part}`),
    })
    for (const { mail, recipient, done } of entries)
      if (done) results.push({ mail, recipient, state: DONE[act], detail: null })
    after = next
    if (next === null) break
  }
  return { results, more: after !== null }
}

const operatorOf = ({ operator }: Circumstances): string => `operator ${operator}`
