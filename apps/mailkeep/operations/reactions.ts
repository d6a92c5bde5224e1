import { z } from 'zod'
import { parkedShown } from '#apps/api/operations/parked-shown'
import { REACTION_GROUPS } from '#infra/event-log/reaction-groups'
import type { Foundation } from '../foundation.ts'
import { operation, OperationRefused } from './operation.ts'

const MAX_SHOWN = 1_000

export const reactionOperations = {
  /** What a reaction gave up on after many tries. */
  'parked-list': operation(
    z.strictObject({ limit: z.number().int().min(1).max(MAX_SHOWN).default(100) }),
    async (foundation, { limit }) => {
      const items = []
      for (const group of REACTION_GROUPS)
        for (const parked of await foundation.log.parked(group, limit)) items.push({ group, ...parkedShown(parked) })
      return { groups: await statusOfGroups(foundation), items }
    },
  ),

  'parked-replay': operation(
    z.strictObject({ group: z.string().max(100).nullable() }),
    async ({ log }, { group }, { server }) => {
      if (group !== null && !REACTION_GROUPS.some((one) => one === group))
        throw new OperationRefused(`There is no reaction group "${group}". There are: ${REACTION_GROUPS.join(', ')}.`, {
          kind: 'usage',
        })
      const results = []
      for (const one of group === null ? REACTION_GROUPS : [group])
        results.push({ group: one, replayed: await log.replayParked(one) })
      return { results, serverRuns: server !== null }
    },
  ),
}

export const statusOfGroups = async ({ log }: Foundation) => {
  const groups = []
  for (const group of REACTION_GROUPS) groups.push({ group, ...(await log.groupStatus(group)) })
  return groups
}
