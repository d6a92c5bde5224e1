import { z } from 'zod'
import type { AlarmRow } from '#projections/alarms/projection'
import { DEMO_DOMAIN, isDemo } from '../first-start.ts'
import { operation } from './operation.ts'
import { statusOfGroups } from './reactions.ts'

export const statusOperations = {
  /** Who answers, and where it listens. */
  status: operation(z.strictObject({}), async (foundation, _given, { server }) => {
    await foundation.hostedDomains.fresh()
    return {
      pid: process.pid,
      listening: server?.listening() ?? [],
      domains: foundation.hostedDomains.names(),
      demoDomain: isDemo(foundation.hostedDomains) ? DEMO_DOMAIN : null,
    }
  }),

  /** What only whoever has the data open can say about its health. */
  health: operation(z.strictObject({}), async (foundation) => {
    const { policies, projector, views } = foundation
    await policies.fresh()
    const { thread, trouble, views: statuses } = projector.status()
    return {
      projector: { thread, trouble },
      views: statuses.map(({ name, state, lag, stopped }) => ({
        name,
        state,
        lagMs: lag.ms,
        stopped: stopped === null ? null : `${stopped.stream}@${stopped.revision} (${stopped.type}): ${stopped.reason}`,
      })),
      groups: await statusOfGroups(foundation),
      alarms: views
        .select<AlarmRow>('alarms', `SELECT * FROM {alarms} WHERE state <> 'over' ORDER BY id LIMIT 100`)
        .map(({ id, kind, subject, detail }) => ({ id, kind, subject, detail })),
      storage: policies.current('storage').document,
    }
  }),
}
