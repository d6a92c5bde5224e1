import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { recipientTally, tally } from '#domain/simulation/tally'
import type { SimulationRow } from '#projections/simulations/projection'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { time, timeGiven } from '../resources/shapes.ts'
import { ok, pending, type Answer } from '../route/answer.ts'
import { freshen } from '../route/fresh-view.ts'
import { done } from '../route/outcome.ts'
import { pageFrom, pageOf, pageQuery, readCursor } from '../route/paging.ts'
import { notFound, Problem } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { requestSimulation, shownSimulation, SimulationRefused } from './simulations.ts'

const VIEW = 'simulations'

const simulationShape = z
  .object({
    id: z.string(),
    state: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']),
    requestedBy: z.string(),
    requestedAt: time,
    finishedAt: time.nullable(),
    changes: z.record(z.string(), z.unknown()),
    from: time,
    to: time.describe('excluded'),
    progress: z.object({ done: z.number(), total: z.number() }).describe('mails looked at, and all there are'),
    result: tally
      .omit({ unknownWhy: true })
      .extend({
        unknownWhy: z.array(z.object({ why: z.string(), count: z.number() })),
        recipients: z.array(recipientTally).describe('who has flips, those with most of them first'),
      })
      .nullable()
      .describe(
        'what was found so far; toHeld, toDelivered, toRefused: what flips; released, reported: flips whose users had the mail released, or have blocked its sender since',
      ),
    reason: z.string().nullable().describe('why it failed'),
  })
  .meta({ id: 'Simulation' })

const tag = 'Policies'
const reads = { who: ['admin'], scope: 'policies:read' } as const
const writes = { who: ['admin'], scope: 'policies:write' } as const
const params = z.object({ id: z.string().min(1).max(100) })

const simulate = route({
  verb: 'post',
  path: '/policies/simulations',
  tag,
  summary: 'What another policy would have made of the mail of the past',
  description:
    'Changes nothing. `changes` are by policy (inspection, edge): what is in them takes the place of what is in force, all else stays. From the evidence of each verdict; where that does not tell, the outcome is unknown. `from` and `to`: when the mails were accepted; default: the last 30 days.',
  access: writes,
  body: z.strictObject({
    changes: z.record(z.string(), z.unknown()),
    from: timeGiven.optional(),
    to: timeGiven.optional(),
  }),
  answers: { 202: { is: 'Asked for; GET shows how far it is', schema: simulationShape } },
})
const listSimulations = route({
  verb: 'get',
  path: '/policies/simulations',
  tag,
  summary: 'Simulations, and what came of them',
  access: reads,
  query: z.strictObject(pageQuery),
  answers: { 200: { is: 'Newest first', schema: pageOf(simulationShape) } },
  views: [VIEW],
})
const showSimulation = route({
  verb: 'get',
  path: '/policies/simulations/:id',
  tag,
  summary: 'A simulation: how far it is, and what it found',
  access: reads,
  params,
  answers: { 200: { is: 'The simulation', schema: simulationShape } },
  views: [VIEW],
})
const cancelSimulation = route({
  verb: 'delete',
  path: '/policies/simulations/:id',
  tag,
  summary: 'Cancel a simulation; what it found so far stays',
  access: writes,
  params,
  answers: { 200: { is: 'The simulation', schema: simulationShape } },
})

@Controller()
export class SimulationsController {
  readonly #parts: ApiParts

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  @Route(simulate)
  async simulate(@TheCall() call: SignedCall<typeof simulate>): Promise<Answer> {
    const id = call.commandId('simulation')
    const about = { id, by: call.asker.address, now: call.now, asked: call.asked() }
    try {
      const { position } = done(await requestSimulation(this.#parts, about, call.body))
      await freshen(this.#parts, VIEW, position)
      return pending(this.#shown(id, 'behind'), { position })
    } catch (error) {
      if (!(error instanceof SimulationRefused)) throw error
      const problems = error.problems.map(({ where, problem }) => ({
        where: where === '' ? 'body.changes' : `body.changes.${where}`,
        problem,
      }))
      throw new Problem(problems.length > 0 ? 'invalid' : 'over-limit', error.message, { problems })
    }
  }

  @Route(listSimulations)
  list(@TheCall() call: SignedCall<typeof listSimulations>): Answer {
    const { cursor, limit } = call.query
    const after = readCursor<readonly [number, string]>(cursor, ['number', 'string'])
    const rows = this.#parts.views.select<SimulationRow>(
      VIEW,
      `SELECT * FROM {simulations}
        WHERE (:at IS NULL OR requestedAt < :at OR (requestedAt = :at AND id > :id))
        ORDER BY requestedAt DESC, id LIMIT :limit`,
      { at: after?.[0] ?? null, id: after?.[1] ?? '', limit: limit + 1 },
    )
    return ok(pageFrom(rows, limit, (row) => [row.requestedAt, row.id], shownSimulation))
  }

  @Route(showSimulation)
  show(@TheCall() call: SignedCall<typeof showSimulation>): Answer {
    return ok(this.#shown(call.params.id))
  }

  @Route(cancelSimulation)
  async cancel(@TheCall() call: SignedCall<typeof cancelSimulation>): Promise<Answer> {
    const { id } = call.params
    const command = { kind: 'cancel', by: call.asker.address } as const
    const { position } = done(await this.#parts.commands.simulation(id, command, call.asked()))
    await freshen(this.#parts, VIEW, position)
    return ok(this.#shown(id), { position })
  }

  #shown(id: string, missing: 'not-found' | 'behind' = 'not-found'): object {
    const row = this.#parts.views.get<SimulationRow>(VIEW, 'simulations', [id])
    if (row !== undefined) return shownSimulation(row)
    throw missing === 'not-found'
      ? notFound(`simulation ${id}`)
      : new Problem('behind', `The simulation ${id} was asked for; the view is behind. Look again in a moment.`)
  }
}
