import { z } from 'zod'
import { shownEntry } from '#apps/api/operations/shown-entry'
import { domainName, mailbox, mailId } from '#apps/api/resources/shapes'
import type { QueueRow } from '#projections/delivery-queue/projection'
import type { Foundation } from '../foundation.ts'
import { accepted, askedBy, operation, OperationRefused, upToDate, type Circumstances } from './operation.ts'
import { entryKey, keyOf } from './paging.ts'

/** As many as one request retries; a second one goes on. */
const RETRIED_AT_ONCE = 10_000

export const queueOperations = {
  'queue-list': operation(
    z.strictObject({
      domain: domainName.optional(),
      state: z.enum(['pending', 'deferred', 'undeliverable']).optional(),
      after: entryKey.optional(),
      limit: z.number().int().min(1).max(10_000).default(100),
    }),
    async (foundation, { domain, state, after, limit }, circumstances) => {
      await upToDate(foundation, circumstances, 'delivery-queue', ['mail'])
      const rows = foundation.views.select<QueueRow>(
        'delivery-queue',
        `SELECT * FROM {entries}
          WHERE (:domain IS NULL OR domain = :domain) AND (state = :state OR (:state IS NULL AND state <> 'undeliverable'))
            AND (:mail IS NULL OR mail > :mail OR (mail = :mail AND recipient > :recipient))
          ORDER BY mail, recipient LIMIT :limit`,
        {
          domain: domain ?? null,
          state: state ?? null,
          mail: after?.mail ?? null,
          recipient: after?.recipient ?? null,
          limit: limit + 1,
        },
      )
      return { items: rows.slice(0, limit).map(shownEntry), next: rows.length > limit ? keyOf(rows[limit - 1]) : null }
    },
  ),

  'queue-retry': operation(
    z.strictObject({ mail: mailId.nullable(), recipient: mailbox.nullable() }),
    async (foundation, { mail, recipient }, circumstances) => {
      await upToDate(foundation, circumstances, 'delivery-queue', ['mail'])
      const rows = foundation.views.select<Pick<QueueRow, 'mail' | 'recipient'>>(
        'delivery-queue',
        `SELECT mail, recipient FROM {entries}
          WHERE (state <> 'undeliverable' OR :mail IS NOT NULL) AND (:mail IS NULL OR mail = :mail) AND (:recipient IS NULL OR recipient = :recipient OR lower(address) = :recipient)
          ORDER BY mail, recipient LIMIT :limit`,
        { mail, recipient, limit: RETRIED_AT_ONCE },
      )
      if (rows.length === 0 && mail !== null)
        throw new OperationRefused(
          `Mail ${mail} does not wait for delivery${recipient === null ? '' : ` to ${recipient}`}.`,
          { instead: `mailkeep mail trace ${mail}` },
        )
      const results = []
      for (const row of rows) results.push(await retry(foundation, circumstances, row))
      return { results, serverRuns: circumstances.server !== null }
    },
  ),
}

const retry = async (
  foundation: Foundation,
  circumstances: Circumstances,
  { mail, recipient }: Pick<QueueRow, 'mail' | 'recipient'>,
) => {
  const by = `operator ${circumstances.operator}`
  try {
    accepted(
      await foundation.commands.mail(
        mail,
        { kind: 'retry-now', recipient, by, now: foundation.clock() },
        askedBy(foundation, circumstances, `retry ${mail} ${recipient}`),
      ),
    )
    return { mail, recipient, state: 'due' as const, detail: null }
  } catch (error) {
    if (!(error instanceof OperationRefused)) throw error
    return { mail, recipient, state: 'failed' as const, detail: error.message }
  }
}
