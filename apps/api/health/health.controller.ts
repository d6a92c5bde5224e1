import { Controller, Inject } from '@nestjs/common'
import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { type Answer, ok, page } from '../route/answer.ts'
import { admit } from '../route/access.ts'
import { type Call, Route, route, TheCall } from '../route/route.ts'

const open = { who: ['anyone'], scope: null } as const

const live = route({
  verb: 'get',
  path: '/health/live',
  base: 'root',
  tag: 'Operation',
  summary: 'The process answers',
  access: open,
  answers: { 200: { is: 'It does', schema: z.object({ status: z.literal('live') }) } },
})
const readyShape = z.object({
  status: z.enum(['ready', 'not ready']),
  problems: z.array(z.string()),
  projections: z.array(
    z.object({
      name: z.string(),
      state: z.string(),
      lag: z.object({ events: z.number(), ms: z.number() }),
      stopped: z.string().nullable(),
    }),
  ),
})
const ready = route({
  verb: 'get',
  path: '/health/ready',
  base: 'root',
  tag: 'Operation',
  summary: 'Every listener is up and the views have caught up',
  description: 'A view that an event has stopped is named with the event; the others go on.',
  access: open,
  answers: { 200: { is: 'Ready', schema: readyShape }, 503: { is: 'Not ready, and why', schema: readyShape } },
})
const metrics = route({
  verb: 'get',
  path: '/metrics',
  base: 'root',
  tag: 'Operation',
  summary: 'Metrics for Prometheus',
  description: 'From loopback, or by an administrator, or with a token of the scope `metrics:read`.',
  access: open,
  answers: { 200: { is: 'Metrics', type: 'text/plain' } },
})

@Controller()
export class HealthController {
  readonly #parts: ApiParts

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  @Route(live)
  live(@TheCall() _call: Call<typeof live>): Answer {
    return ok({ status: 'live' }, { headers: { 'Cache-Control': 'no-store' } })
  }

  @Route(ready)
  async ready(@TheCall() _call: Call<typeof ready>): Promise<Answer> {
    const projections = this.#parts.projections.status()
    const stopped = projections
      .filter((one) => one.stopped !== null)
      .map(
        ({ name, stopped }) =>
          `The view ${name} is stopped by ${stopped?.type} ${stopped?.stream}@${stopped?.revision} (position ${stopped?.position}): ${stopped?.reason}`,
      )
    const problems = [...(await this.#parts.readiness.problems()), ...stopped]
    const body = {
      status: problems.length === 0 ? 'ready' : 'not ready',
      problems,
      projections: projections.map(({ name, state, lag, stopped }) => ({
        name,
        state,
        lag,
        stopped: stopped === null ? null : `${stopped.stream}@${stopped.revision}: ${stopped.reason}`,
      })),
    }
    return { status: problems.length === 0 ? 200 : 503, body, headers: { 'Cache-Control': 'no-store' } }
  }

  @Route(metrics)
  async metrics(@TheCall() call: Call<typeof metrics>): Promise<Answer> {
    if (!fromLoopback(call)) admit({ who: ['admin'], scope: 'metrics:read' }, call.asker, null)
    return page(await this.#parts.metrics.text(), { 'Content-Type': this.#parts.metrics.contentType })
  }
}

/** Straight from this machine: what a proxy of this machine passes on is not. */
function fromLoopback({ request }: Call): boolean {
  if (request.headers['x-forwarded-for'] !== undefined || request.headers['forwarded'] !== undefined) return false
  const address = request.socket.remoteAddress
  return address !== undefined && ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback'
}
