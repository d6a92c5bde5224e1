import { z } from 'zod'
import { eventType, type EventOf } from '../kernel/event-type.ts'
import { instant } from '../kernel/instant.ts'
import { tally } from './tally.ts'

/*
 * Events of a simulation, stream `simulation-<id>`: history under another policy (design.md §3: a policy is a pure function of evidence).
 * THESE NAMES AND SHAPES ARE THE STORAGE FORMAT.
 */
const document = z.record(z.string(), z.unknown())

/** `changes`: as asked for. `policies`: the whole documents that would be in force. `from`, `to`: acceptance, `to` excluded. */
export const SimulationRequested = eventType(
  'SimulationRequested',
  z.object({
    by: z.string(),
    changes: document,
    policies: z.object({ inspection: document, edge: document }),
    from: instant,
    to: instant,
    /** Mails there are between them. */
    total: z.number().int().nonnegative(),
  }),
)
/** One node works on it until then; after that another may. */
export const SimulationClaimed = eventType('SimulationClaimed', z.object({ node: z.string(), leaseUntil: instant }))
/** `cursor`: the last mail that was looked at, in the order of acceptance. */
export const SimulationAdvanced = eventType(
  'SimulationAdvanced',
  z.object({
    cursor: z.object({ acceptedAt: instant, mail: z.string() }),
    tally,
    node: z.string(),
    leaseUntil: instant,
  }),
)
export const SimulationFinished = eventType('SimulationFinished', z.object({ tally }))
export const SimulationFailed = eventType('SimulationFailed', z.object({ reason: z.string().max(1_000) }))
export const SimulationCancelled = eventType('SimulationCancelled', z.object({ by: z.string() }))

export const simulationEventTypes = [
  SimulationRequested,
  SimulationClaimed,
  SimulationAdvanced,
  SimulationFinished,
  SimulationFailed,
  SimulationCancelled,
] as const
export type SimulationEvent = EventOf<typeof simulationEventTypes>

export const simulationStream = (id: string): `simulation-${string}` => `simulation-${id}`
