import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { quarantineReason } from '#domain/mail/events'
import type { RecipientState } from '#domain/mail/state'
import { recipientOf } from '#domain/mail/state'
import { shownItem } from '#apps/api/quarantine/shapes'
import { mailbox, mailId } from '#apps/api/resources/shapes'
import type { QuarantineRow } from '#projections/quarantine/projection'
import type { Foundation } from '../foundation.ts'
import { loadMail } from './mails.ts'
import { accepted, askedBy, operation, OperationRefused, upToDate, type Circumstances } from './operation.ts'
import { entryKey, keyOf } from './paging.ts'

const PATIENCE_MS = 10_000
const LOOK_EVERY_MS = 50

interface ReleaseResult {
  readonly mail: string
  readonly recipient: string
  /** `releasing`: the scan before a release is under way, or waits for the server. */
  readonly state: 'released' | 'releasing' | 'refused' | 'failed'
  readonly detail: string | null
}

export const quarantineOperations = {
  'quarantine-list': operation(
    z.strictObject({
      recipient: mailbox.optional(),
      reason: quarantineReason.optional(),
      after: entryKey.optional(),
      limit: z.number().int().min(1).max(10_000).default(100),
    }),
    async (foundation, { recipient, reason, after, limit }, circumstances) => {
      await upToDate(foundation, circumstances, 'quarantine', ['mail'])
      const rows = foundation.views.select<QuarantineRow>(
        'quarantine',
        `SELECT * FROM {items}
          WHERE (:recipient IS NULL OR recipient = :recipient) AND (:reason IS NULL OR reason = :reason)
            AND (:mail IS NULL OR mail < :mail OR (mail = :mail AND recipient > :afterRecipient))
          ORDER BY mail DESC, recipient LIMIT :limit`,
        {
          recipient: recipient ?? null,
          reason: reason ?? null,
          mail: after?.mail ?? null,
          afterRecipient: after?.recipient ?? null,
          limit: limit + 1,
        },
      )
      return {
        items: rows.slice(0, limit).map(shownItem),
        next: rows.length > limit ? keyOf(rows[limit - 1]) : null,
      }
    },
  ),

  'quarantine-release': operation(
    z.strictObject({
      mail: mailId,
      /** Empty: everybody it is held for. */
      recipients: z.array(mailbox).max(1_000).default([]),
      trustSender: z.boolean().default(false),
      reason: z.string().trim().min(1).max(1_000).nullable().default(null),
    }),
    async (foundation, { mail: id, recipients, trustSender, reason }, circumstances) => {
      const mail = await loadMail(foundation, id)
      const held = mail.recipients.filter(({ state }) => state === 'quarantined').map((one) => one.mailbox)
      const wanted = recipients.length === 0 ? held : recipients.map((named) => mailboxIn(id, mail.recipients, named))
      if (wanted.length === 0)
        throw new OperationRefused(`Mail ${id} is not in quarantine for anybody.`, {
          instead: `mailkeep mail trace ${id}`,
        })
      const results: ReleaseResult[] = []
      for (const recipient of wanted) {
        const outcome = await release(foundation, circumstances, { id, recipient, trustSender, reason })
        results.push({ mail: id, recipient, ...outcome })
      }
      return { results }
    },
  ),
}

interface Wish {
  readonly id: string
  readonly recipient: string
  readonly trustSender: boolean
  readonly reason: string | null
}

const release = async (
  foundation: Foundation,
  circumstances: Circumstances,
  { id, recipient, trustSender, reason }: Wish,
): Promise<Pick<ReleaseResult, 'state' | 'detail'>> => {
  try {
    accepted(
      await foundation.commands.mail(
        id,
        {
          kind: 'request-release',
          recipient,
          by: `operator ${circumstances.operator}`,
          trustSender,
          reason,
          privileged: true,
          now: foundation.clock(),
        },
        askedBy(foundation, circumstances, `release ${recipient}`),
      ),
    )
  } catch (error) {
    if (error instanceof OperationRefused) return { state: 'failed', detail: error.message }
    throw error
  }
  const until = performance.now() + (circumstances.server === null ? 0 : PATIENCE_MS)
  for (;;) {
    const now = recipientOf(await loadMail(foundation, id), recipient)
    if (now?.released !== null && now !== undefined) return { state: 'released', detail: null }
    if (now === undefined || now.release === null)
      return { state: 'refused', detail: 'The scan before the release found something; it stays in quarantine.' }
    if (performance.now() >= until)
      return {
        state: 'releasing',
        detail:
          circumstances.server === null
            ? 'It is scanned again and released when the server runs.'
            : 'The scan before the release is under way.',
      }
    await delay(LOOK_EVERY_MS)
  }
}

const mailboxIn = (id: string, recipients: readonly RecipientState[], named: string): string => {
  const found = recipients.find((one) => one.mailbox === named || one.address.toLowerCase() === named)
  if (found !== undefined) return found.mailbox
  throw new OperationRefused(`Mail ${id} has no recipient ${named}.`, { instead: `mailkeep mail trace ${id}` })
}
