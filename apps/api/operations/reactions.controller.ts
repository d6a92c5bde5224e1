import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { REACTION_GROUPS } from '#infra/event-log/reaction-groups'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { time } from '../resources/shapes.ts'
import { ok, type Answer } from '../route/answer.ts'
import { pageOf } from '../route/paging.ts'
import { notFound } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { parkedShown } from './parked-shown.ts'

const reactionShape = z
  .object({
    name: z.string(),
    checkpoint: z.string().nullable().describe('everything up to this position is answered'),
    inFlight: z.number().describe('events that are being worked on'),
    parked: z.number().describe('events set aside after many failed tries'),
  })
  .meta({ id: 'Reaction' })
const parkedShape = z
  .object({
    eventId: z.string(),
    stream: z.string(),
    type: z.string(),
    position: z.string(),
    reason: z.string(),
    parkedAt: time,
    retries: z.number(),
  })
  .meta({ id: 'ParkedEvent' })

const MOST_NAMED = 1_000
const tag = 'Operation'
const params = z.object({ name: z.string().min(1).max(100) })

const listReactions = route({
  verb: 'get',
  path: '/reactions',
  tag,
  summary: 'The reaction groups, and what they have set aside',
  access: { who: ['admin'], scope: 'reactions:read' },
  answers: { 200: { is: 'All of them', schema: pageOf(reactionShape) } },
})
const listParked = route({
  verb: 'get',
  path: '/reactions/:name/parked',
  tag,
  summary: 'What a reaction set aside, and why',
  access: { who: ['admin'], scope: 'reactions:read' },
  params,
  query: z.strictObject({ limit: z.coerce.number().int().min(1).max(500).default(50) }),
  answers: { 200: { is: 'The oldest first, at most `limit`', schema: pageOf(parkedShape) } },
})
const replayParked = route({
  verb: 'post',
  path: '/reactions/:name/replay',
  tag,
  summary: 'Put back what a reaction set aside',
  description: 'All of it, or the events named.',
  access: { who: ['admin'], scope: 'reactions:write' },
  params,
  body: z.strictObject({ eventIds: z.array(z.string().max(100)).min(1).max(MOST_NAMED).optional() }),
  answers: { 200: { is: 'How many were put back', schema: z.object({ replayed: z.number() }) } },
})

/** What the reactions could not do is an administrator's to see and to put back. */
@Controller()
export class ReactionsController {
  readonly #parts: ApiParts

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  @Route(listReactions)
  async list(@TheCall() _call: SignedCall<typeof listReactions>): Promise<Answer> {
    const items = []
    for (const name of REACTION_GROUPS) {
      items.push({ name, ...(await this.#parts.events.groupStatus(name)) })
    }
    return ok({ items, next: null })
  }

  @Route(listParked)
  async parked(@TheCall() call: SignedCall<typeof listParked>): Promise<Answer> {
    const parked = await this.#parts.events.parked(this.#known(call.params.name), call.query.limit)
    return ok({ items: parked.map(parkedShown), next: null })
  }

  @Route(replayParked)
  async replay(@TheCall() call: SignedCall<typeof replayParked>): Promise<Answer> {
    const replayed = await this.#parts.events.replayParked(this.#known(call.params.name), call.body.eventIds)
    return ok({ replayed })
  }

  #known(name: string): string {
    if (REACTION_GROUPS.some((group) => group === name)) return name
    throw notFound(`reaction group ${name}`)
  }
}
