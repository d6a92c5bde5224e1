import { setImmediate as otherWork } from 'node:timers/promises'
import { isDeclined } from '#domain/kernel/decider'
import { policySchemas } from '#domain/policy/documents'
import type { CandidatePolicies } from '#domain/simulation/candidate'
import type { Simulation, SimulationCommand } from '#domain/simulation/decider'
import { counted } from '#domain/simulation/tally'
import { LEASE_MS } from '#infra/event-log/lease'
import type { SimulationRow } from '#projections/simulations/projection'
import type { StewardParts } from './steward-parts.ts'

type SimulationParts = Pick<
  StewardParts,
  'clock' | 'commands' | 'hostedDomains' | 'logger' | 'node' | 'policies' | 'views' | 'whatIf'
>

const PAGE = 100
/** How often it is written down how far one is, ms: what a crash makes it do again. */
const WRITE_EVERY = 10_000

/** Works on simulations that were asked for, one after the other: where each stood, a page of history at a time, with room for other work between mails. */
export const runSimulations = async (parts: SimulationParts, stopping: AbortSignal): Promise<void> => {
  const due = parts.views.select<Pick<SimulationRow, 'id'>>(
    'simulations',
    `SELECT id FROM {simulations} WHERE state IN ('waiting', 'running')
      AND (node IS NULL OR node = :node OR leaseUntil <= :now) ORDER BY requestedAt LIMIT 10`,
    { node: parts.node, now: parts.clock() },
  )
  for (const { id } of due) {
    if (stopping.aborted) return
    await run(parts, id, stopping)
  }
}

const run = async (parts: SimulationParts, id: string, stopping: AbortSignal): Promise<void> => {
  const { clock, commands, hostedDomains, logger, node, policies } = parts
  const tell = (command: SimulationCommand, step: string) =>
    commands.simulation(id, command, {
      actor: { kind: 'system', part: 'steward' },
      now: clock(),
      commandId: `${id}/${node}/${step}`,
      correlationId: id,
    })
  const now = clock()
  const claimed = await tell({ kind: 'claim', node, now, leaseUntil: now + LEASE_MS }, `claim/${now}`)
  if (isDeclined(claimed) || claimed.state === null) return
  try {
    await Promise.all([policies.fresh(), hostedDomains.fresh()])
    await history(parts, claimed.state, stopping, async (command) => {
      const told = await tell(command, `${command.kind}/${clock()}`)
      // Another node has it, or it was cancelled.
      return !isDeclined(told)
    })
  } catch (error) {
    logger.error({ err: error, simulation: id }, 'a simulation failed')
    await tell({ kind: 'fail', node, reason: sentence(error) }, 'fail')
  }
}

/** From where it stood to its end, or until it is to stop. `tell` answers whether it is to go on. */
const history = async (
  parts: SimulationParts,
  simulation: Simulation,
  stopping: AbortSignal,
  tell: (command: SimulationCommand) => Promise<boolean>,
): Promise<void> => {
  const { clock, node, whatIf } = parts
  const policies = policiesOf(simulation)
  let { cursor, tally } = simulation
  let written = clock()
  const advance = (at: NonNullable<typeof cursor>): Promise<boolean> =>
    tell({ kind: 'advance', node, cursor: at, tally, leaseUntil: clock() + LEASE_MS })
  for (;;) {
    const page = mailsAfter(parts, simulation, cursor)
    for (const next of page) {
      if (stopping.aborted) {
        if (cursor !== null) await advance(cursor)
        return
      }
      tally = counted(tally, next.mail, await whatIf(next.mail, policies))
      cursor = next
      await otherWork()
      if (clock() - written < WRITE_EVERY) continue
      written = clock()
      if (!(await advance(cursor))) return
    }
    if (page.length < PAGE) break
  }
  await tell({ kind: 'finish', node, tally })
}

type Cursor = NonNullable<Simulation['cursor']>

/** Mail from outside in the order of acceptance. */
const mailsAfter = (
  { views }: SimulationParts,
  { from, to }: Simulation,
  cursor: Simulation['cursor'],
): readonly Cursor[] =>
  views.select<Cursor>(
    'mail-trace',
    `SELECT acceptedAt, mail FROM {mails} WHERE flow = 'inbound' AND acceptedAt >= :from AND acceptedAt < :to
      AND (acceptedAt, mail) > (:acceptedAt, :mail) ORDER BY acceptedAt, mail LIMIT :limit`,
    { from, to, acceptedAt: cursor?.acceptedAt ?? from, mail: cursor?.mail ?? '', limit: PAGE },
  )

const policiesOf = ({ policies: { inspection, edge } }: Simulation): CandidatePolicies => ({
  inspection: policySchemas.inspection.parse(inspection),
  edge: policySchemas.edge.parse(edge),
})

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 1_000)
