import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import type { Position } from '#infra/event-log/port'
import { mailbox, mailId, reasonText } from '../resources/shapes.ts'
import { ok, type Answer } from '../route/answer.ts'
import { declinedProblem, Problem } from '../route/problem.ts'
import { isDeclined } from '#domain/kernel/decider'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { type Done, QuarantineActs, type Wish } from './release.ts'
import { releaseResult, type QuarantineResult } from './shapes.ts'

const MAX_ITEMS = 500
const AT_ONCE = 8
const PATIENCE_MS = 5_000

const access = { who: ['self', 'domain-admin'], scope: 'quarantine:write' } as const
const items = z
  .array(z.strictObject({ mail: mailId, recipient: mailbox }))
  .min(1)
  .max(MAX_ITEMS)
const reason = reasonText.nullable().default(null)
const results = z.object({ items: z.array(releaseResult) })
const answers = { 200: { is: 'What happened to each, in the order given', schema: results } }

const releaseMany = route({
  verb: 'post',
  path: '/quarantine/release',
  tag: 'Quarantine',
  summary: 'Release many',
  description: 'Each stands alone: one that fails stops none of the others.',
  access,
  body: z.strictObject({
    items,
    trustSender: z.boolean().default(false),
    reason,
  }),
  answers,
})
const discardMany = route({
  verb: 'post',
  path: '/quarantine/discard',
  tag: 'Quarantine',
  summary: 'Discard many',
  access,
  body: z.strictObject({ items, reason }),
  answers,
})

@Controller()
export class QuarantineBulkController {
  readonly #acts: QuarantineActs

  constructor(@Inject(QuarantineActs) acts: QuarantineActs) {
    this.#acts = acts
  }

  @Route(releaseMany)
  async release(@TheCall() call: SignedCall<typeof releaseMany>): Promise<Answer> {
    const { items, trustSender, reason } = call.body
    const deadline = performance.now() + PATIENCE_MS
    return answerOf(await each(items, (item) => this.#acts.release({ ...item, trustSender, reason }, call, deadline)))
  }

  @Route(discardMany)
  async discard(@TheCall() call: SignedCall<typeof discardMany>): Promise<Answer> {
    const { items, reason } = call.body
    return answerOf(await each(items, (item) => this.#acts.discard({ ...item, reason }, call)))
  }
}

/** A few at once; what was declined is that item's result, what is broken is everybody's problem. */
async function each(wishes: readonly Wish[], act: (wish: Wish) => Promise<Done>): Promise<readonly Done[]> {
  const done: Done[] = []
  let next = 0
  const work = async (): Promise<void> => {
    for (let at = next++; at < wishes.length; at = next++) {
      const wish = wishes[at]
      if (wish !== undefined) done[at] = await settled(wish, act)
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, wishes.length) }, work))
  return done
}

async function settled(wish: Wish, act: (wish: Wish) => Promise<Done>): Promise<Done> {
  try {
    return await act(wish)
  } catch (error) {
    const problem = isDeclined(error) ? declinedProblem(error) : error
    if (!(problem instanceof Problem) || problem.status >= 500) throw error
    const result: QuarantineResult = { ...wish, state: 'failed', detail: problem.message, trusted: null }
    return { result, position: null }
  }
}

function answerOf(done: readonly Done[]): Answer {
  let position: Position | null = null
  for (const one of done)
    if (one.position !== null && (position === null || one.position > position)) position = one.position
  return ok({ items: done.map(({ result }) => result) }, { position })
}
