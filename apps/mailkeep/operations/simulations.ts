import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { whatIf } from '#apps/inspector/what-if'
import { requestSimulation, shownSimulation, SimulationRefused } from '#apps/api/operations/simulations'
import { runSimulations } from '#apps/steward/simulations'
import { simulationStream } from '#domain/simulation/events'
import type { Simulation } from '#domain/simulation/decider'
import type { SimulationRow } from '#projections/simulations/projection'
import { aggregates } from '#infra/commands/aggregates'
import type { Foundation } from '../foundation.ts'
import { accepted, askedBy, operation, OperationRefused, upToDate } from './operation.ts'

const LOOK_EVERY_MS = 200

export const simulationOperations = {
  /** Answers when it is over. It goes on when nobody waits for it. */
  'policy-simulate': operation(
    z.strictObject({
      changes: z.record(z.string(), z.unknown()),
      from: z.number().int().nonnegative().optional(),
      to: z.number().int().nonnegative().optional(),
    }),
    async (foundation, given, circumstances) => {
      const { requestId: id, operator, server, progress } = circumstances
      await upToDate(foundation, circumstances, 'mail-trace', ['mail'])
      await upToDate(foundation, circumstances, 'simulations', ['simulation'])
      const now = foundation.clock()
      const asked = askedBy(foundation, circumstances, 'request')
      try {
        accepted(await requestSimulation(foundation, { id, by: operator, now, asked }, given))
      } catch (error) {
        if (error instanceof SimulationRefused) throw refused(error)
        throw error
      }
      await upToDate(foundation, circumstances, 'simulations', ['simulation'])
      if (server === null) await runHere(foundation)
      for (let simulation = await load(foundation, id); ; simulation = await load(foundation, id)) {
        const { state, tally, total } = simulation
        progress({ what: 'mails', done: tally.mails, total: Math.max(total, tally.mails) })
        if (state !== 'waiting' && state !== 'running') break
        await sleep(LOOK_EVERY_MS)
      }
      await upToDate(foundation, circumstances, 'simulations', ['simulation'])
      return shownSimulation(foundation.views.get<SimulationRow>('simulations', 'simulations', [id])!)
    },
  ),
}

/** No server runs that would. */
const runHere = (foundation: Foundation): Promise<void> =>
  runSimulations(
    {
      ...foundation,
      node: foundation.config.node.name,
      whatIf: (mail, policies) => whatIf({ ...foundation, domains: foundation.hostedDomains }, mail, policies),
    },
    new AbortController().signal,
  )

const load = async ({ states }: Foundation, id: string): Promise<Simulation> => {
  const { state } = await states.loadNewest(aggregates.simulation, simulationStream(id))
  if (state === null) throw new Error(`the simulation ${id} is gone`)
  return state
}

const refused = ({ message, problems }: SimulationRefused): OperationRefused =>
  new OperationRefused(
    [message, ...problems.map(({ where, problem }) => `${where || 'changes'}: ${problem}`)].join(' '),
    {
      kind: problems.length > 0 ? 'usage' : 'failed',
    },
  )
