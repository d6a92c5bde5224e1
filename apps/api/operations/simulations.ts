import { DAY } from '#domain/kernel/instant'
import { candidatePolicies, type CandidateProblem } from '#domain/simulation/candidate'
import type { Tally } from '#domain/simulation/tally'
import type { Asked } from '#infra/commands/execute'
import type { Outcome } from '#infra/commands/commands'
import type { SimulationRow } from '#projections/simulations/projection'
import type { ApiParts } from '../parts.ts'
import { toTime, toTimeOrNull } from '../resources/shapes.ts'

/** What somebody wants to know: history between `from` and `to` (default: the last 30 days) under the policies in force with these changes. */
export interface AskedSimulation {
  readonly changes: Readonly<Record<string, unknown>>
  readonly from?: number | undefined
  readonly to?: number | undefined
}

type SimulationParts = Pick<ApiParts, 'commands' | 'policies' | 'views'>

const USUAL = 30 * DAY
/** Simulations that wait or are under way at a time. */
const MOST = 5

/** What is wrong with what was asked for, each with its place; or that too many are under way. */
export class SimulationRefused extends Error {
  readonly problems: readonly CandidateProblem[]
  constructor(message: string, problems: readonly CandidateProblem[] = []) {
    super(message)
    this.name = 'SimulationRefused'
    this.problems = problems
  }
}

/** @throws SimulationRefused */
export const requestSimulation = async (
  { commands, policies, views }: SimulationParts,
  { id, by, now, asked }: { readonly id: string; readonly by: string; readonly now: number; readonly asked: Asked },
  { changes, ...given }: AskedSimulation,
): Promise<Outcome<'simulation'>> => {
  await policies.fresh()
  const current = { inspection: policies.current('inspection').document, edge: policies.current('edge').document }
  const candidate = candidatePolicies(current, changes)
  if ('problems' in candidate) throw new SimulationRefused('The changes can not be simulated.', candidate.problems)
  const [{ count = 0 } = {}] = views.select<{ count: number }>(
    'simulations',
    `SELECT count(*) AS count FROM {simulations} WHERE state IN ('waiting', 'running') AND id <> :id`,
    { id },
  )
  if (count >= MOST)
    throw new SimulationRefused(`${MOST} simulations wait or are under way; wait until one is done, or cancel one.`)
  const to = Math.min(given.to ?? now, now)
  const from = given.from ?? to - USUAL
  const [{ total = 0 } = {}] = views.select<{ total: number }>(
    'mail-trace',
    `SELECT count(*) AS total FROM {mails} WHERE flow = 'inbound' AND acceptedAt >= :from AND acceptedAt < :to`,
    { from, to },
  )
  const plain = (document: object): Record<string, unknown> => ({ ...document })
  return commands.simulation(
    id,
    {
      kind: 'request-simulation',
      by,
      changes: { ...changes },
      policies: { inspection: plain(candidate.policies.inspection), edge: plain(candidate.policies.edge) },
      from,
      to,
      total,
    },
    asked,
  )
}

export const shownSimulation = (row: SimulationRow) => ({
  id: row.id,
  state: row.state,
  requestedBy: row.requestedBy,
  requestedAt: toTime(row.requestedAt),
  finishedAt: toTimeOrNull(row.finishedAt),
  changes: JSON.parse(row.changes) as Record<string, unknown>,
  from: toTime(row.historyFrom),
  to: toTime(row.historyTo),
  progress: { done: row.done, total: Math.max(row.done, row.total) },
  result: row.tally === null ? null : shownTally(JSON.parse(row.tally) as Tally),
  reason: row.reason,
})

/** Who has most flips first. */
const shownTally = ({ recipients, unknownWhy, ...sums }: Tally) => ({
  ...sums,
  unknownWhy: Object.entries(unknownWhy)
    .map(([why, count]) => ({ why, count }))
    .toSorted((one, other) => other.count - one.count),
  recipients: recipients.toSorted((one, other) => flipsOf(other) - flipsOf(one)),
})

const flipsOf = ({ toHeld, toDelivered, toRefused }: Tally['recipients'][number]): number =>
  toHeld + toDelivered + toRefused
