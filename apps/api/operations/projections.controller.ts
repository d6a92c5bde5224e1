import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { API_PARTS, type ApiParts, type ProjectionStatus } from '../parts.ts'
import { time, toTime } from '../resources/shapes.ts'
import { ok, pending, type Answer } from '../route/answer.ts'
import { pageOf, pageQuery } from '../route/paging.ts'
import { notFound } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'

const projectionShape = z
  .object({
    name: z.string(),
    version: z.number(),
    state: z.enum(['live', 'catching-up', 'rebuilding', 'stopped']),
    checkpoint: z.string().nullable(),
    events: z.number(),
    lag: z.object({ events: z.number(), ms: z.number() }),
    stopped: z
      .object({
        position: z.string(),
        stream: z.string(),
        revision: z.number(),
        type: z.string(),
        occurredAt: time,
        reason: z.string(),
      })
      .nullable()
      .describe('the event it can not take, and why'),
    rebuild: z.object({ checkpoint: z.string().nullable(), events: z.number() }).nullable(),
  })
  .meta({ id: 'Projection' })

const tag = 'Operation'
const reads = { who: ['admin'], scope: 'projections:read' } as const
const writes = { who: ['admin'], scope: 'projections:write' } as const
const params = z.object({ name: z.string().min(1).max(100) })

const listProjections = route({
  verb: 'get',
  path: '/projections',
  tag,
  summary: 'The views and how far they have read',
  access: reads,
  query: z.strictObject(pageQuery),
  answers: { 200: { is: 'By name', schema: pageOf(projectionShape) } },
})
const showProjection = route({
  verb: 'get',
  path: '/projections/:name',
  tag,
  summary: 'One view',
  access: reads,
  params,
  answers: { 200: { is: 'The view', schema: projectionShape } },
})
const rebuild = route({
  verb: 'post',
  path: '/projections/:name/rebuild',
  tag,
  summary: 'Build a view anew from the log, beside the live one, then swap',
  access: writes,
  params,
  answers: { 202: { is: 'Begun; GET shows how far it is', schema: projectionShape } },
})
const verify = route({
  verb: 'post',
  path: '/projections/:name/verify',
  tag,
  summary: 'Build it anew beside the live one and compare both',
  description: 'Answers when the comparison is made: with a long log, after a while.',
  access: writes,
  params,
  answers: {
    200: {
      is: 'The comparison',
      schema: z.looseObject({ name: z.string(), same: z.boolean(), events: z.number(), ms: z.number() }),
    },
  },
})

@Controller()
export class ProjectionsController {
  readonly #parts: ApiParts

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  @Route(listProjections)
  list(@TheCall() _call: SignedCall<typeof listProjections>): Answer {
    const items = this.#parts.projections.status().map(shown)
    return ok({ items: items.sort((a, b) => (a.name < b.name ? -1 : 1)), next: null })
  }

  @Route(showProjection)
  show(@TheCall() call: SignedCall<typeof showProjection>): Answer {
    return ok(shown(this.#found(call.params.name)))
  }

  @Route(rebuild)
  rebuild(@TheCall() call: SignedCall<typeof rebuild>): Answer {
    const { name } = this.#found(call.params.name)
    const { log, projections } = this.#parts
    projections.rebuild(name).then(
      ({ events, ms }) => log.info({ view: name, events, ms }, 'the view was rebuilt'),
      (error: unknown) => log.error({ view: name, err: error }, 'the view could not be rebuilt'),
    )
    return pending(shown(this.#found(name)))
  }

  @Route(verify)
  async verify(@TheCall() call: SignedCall<typeof verify>): Promise<Answer> {
    const { name } = this.#found(call.params.name)
    return ok({ ...(await this.#parts.projections.verify(name)), name })
  }

  #found(name: string): ProjectionStatus {
    const found = this.#parts.projections.status().find((one) => one.name === name)
    if (found === undefined) throw notFound(`projection ${name}`)
    return found
  }
}

const shown = ({ stopped, ...status }: ProjectionStatus) => ({
  ...status,
  stopped: stopped === null ? null : { ...stopped, occurredAt: toTime(stopped.occurredAt) },
})
