import { isDeclined } from '#domain/kernel/decider'
import type { Instant } from '#domain/kernel/instant'
import type { Commands } from '#infra/commands/commands'
import type { Policies } from '#infra/commands/policies'
import { startDueWork, type Reaction } from '#infra/event-log/reaction'
import type { Logger } from '#infra/observability/logger'
import type { ViewReader } from '#infra/views/port'

export interface DelayWarningParts {
  readonly commands: Pick<Commands, 'mail'>
  readonly policies: Policies
  readonly views: Pick<ViewReader, 'select'>
  readonly clock: () => Instant
  readonly logger: Logger
}

const BATCH = 100
const EVERY_MS = 1_000

/** By the view's index: how many others wait makes no difference. */
const LATE = `SELECT mail, recipient FROM {entries}
  WHERE delayOwed = 1 AND state = 'deferred' AND queuedAt <= :before ORDER BY queuedAt LIMIT :limit`

/** WhenLateThenWarn: a submission that waits longer than policy says is said to be late, once; the report follows from the event. */
export const startDelayWarnings = ({ clock, commands, logger, policies, views }: DelayWarningParts): Reaction => {
  const late = (): string[] => {
    const { delayWarningAfter } = policies.current('relay').document
    const values = { before: clock() - delayWarningAfter, limit: BATCH }
    return views
      .select<{ mail: string; recipient: string }>('delivery-queue', LATE, values)
      .map(({ mail, recipient }) => `${mail}/${recipient}`)
  }
  return startDueWork({
    due: late,
    batch: BATCH,
    react: async (key) => {
      const [mail, recipient] = [key.slice(0, key.indexOf('/')), key.slice(key.indexOf('/') + 1)]
      await policies.fresh()
      const { delayWarningAfter: after } = policies.current('relay').document
      const now = clock()
      const answer = await commands.mail(
        mail,
        { kind: 'report-delay', recipient, after, now },
        {
          actor: { kind: 'system', part: 'courier' },
          now,
          commandId: `${mail}/${recipient}/delay`,
          correlationId: mail,
        },
      )
      if (isDeclined(answer)) throw new Error(`the delay of ${mail} was declined: ${answer.reason}`)
    },
    concurrency: 4,
    everyMs: EVERY_MS,
    onFailure: (key, error) => logger.error({ err: error, mail: key }, 'a delay was not reported, it is tried again'),
  })
}
