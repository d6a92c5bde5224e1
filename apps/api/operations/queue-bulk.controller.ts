import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { reasonText } from '../resources/shapes.ts'
import { ok, type Answer } from '../route/answer.ts'
import { freshen } from '../route/fresh-view.ts'
import { logReason } from '../route/given-reason.ts'
import { readCursor, writeCursor } from '../route/paging.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { actOnMany, type QueueAct } from './queue-acts.ts'
import { QUEUE_VIEW, queueCriteria } from './queue-filter.ts'

const MOST = 1_000
const DEFAULT = 500

const criteria = { ...queueCriteria, held: z.boolean().optional() }
const names = Object.keys(criteria)

const body = z
  .strictObject({
    ...criteria,
    all: z.literal(true).optional().describe('everything in the queue: needed where nothing else says what is meant'),
    limit: z.number().int().min(1).max(MOST).default(DEFAULT).describe('entries at most in this call'),
    cursor: z.string().max(2_000).optional().describe('`next` of the call before, with the same criteria'),
    reason: reasonText.nullable().default(null),
  })
  .refine((given) => given.all === true || names.some((name) => given[name as keyof typeof criteria] !== undefined), {
    message: `say which entries: at least one of ${names.join(', ')}; or all: true for everything in the queue`,
  })

const answers = {
  200: {
    is: 'How many entries were changed',
    schema: z.object({
      done: z.number(),
      unchanged: z.number().describe('entries of which there was nothing to do any more'),
      next: z.string().nullable().describe('there are more: send it as `cursor`; null: that were all'),
    }),
  },
}

const act = (verb: QueueAct, summary: string, description: string) =>
  route({
    verb: 'post',
    path: `/queue/${verb}`,
    tag: 'Queue',
    summary,
    description: `${description} All criteria must match. Each entry stands alone. A \`reason\` goes into the log of the process, beside who acted.`,
    access: { who: ['admin'], scope: 'queue:write' },
    body,
    answers,
  })
const retryMany = act(
  'retry',
  'Try the next delivery of many now',
  'One attempt is made even where the destination is left alone because it was away. What is held is not tried: unhold it first.',
)
const bounceMany = act('bounce', 'Give up on many', 'Their submitters are told, as of a single one.')
const holdMany = act('hold', 'Stop delivery attempts of many', 'What comes later is not held.')
const unholdMany = act('unhold', 'Go on with delivery attempts of many', 'What was due meanwhile is tried at once.')

/** Acts on the entries of the queue that match. */
@Controller()
export class QueueBulkController {
  readonly #parts: ApiParts

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  @Route(retryMany)
  retry(@TheCall() call: SignedCall<typeof retryMany>): Promise<Answer> {
    return this.#act('retry', call)
  }

  @Route(bounceMany)
  bounce(@TheCall() call: SignedCall<typeof bounceMany>): Promise<Answer> {
    return this.#act('bounce', call)
  }

  @Route(holdMany)
  hold(@TheCall() call: SignedCall<typeof holdMany>): Promise<Answer> {
    return this.#act('hold', call)
  }

  @Route(unholdMany)
  unhold(@TheCall() call: SignedCall<typeof unholdMany>): Promise<Answer> {
    return this.#act('unhold', call)
  }

  async #act(verb: QueueAct, call: SignedCall<typeof retryMany>): Promise<Answer> {
    const { all: _, limit, cursor, reason, ...filter } = call.body
    const after = readCursor<readonly [string, string]>(cursor, ['string', 'string'], 'body.cursor')
    await freshen(this.#parts, QUEUE_VIEW, await this.#parts.events.lastPosition({ categories: ['mail'] }))
    const { entries, next, position } = await actOnMany(this.#parts, {
      act: verb,
      filter,
      after: after === null ? null : { mail: after[0], recipient: after[1] },
      limit,
      by: call.asker.address,
      now: call.now,
      asked: (part) => call.asked(part),
    })
    const done = entries.filter((entry) => entry.done).length
    logReason(this.#parts, call, verb, { filter, done }, reason)
    return ok(
      {
        done,
        unchanged: entries.length - done,
        next: next === null ? null : writeCursor([next.mail, next.recipient]),
      },
      { position },
    )
  }
}
