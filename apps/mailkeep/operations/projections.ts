import { z } from 'zod'
import type { ViewStatus } from '#apps/projector/protocol'
import { toTime } from '#apps/api/resources/shapes'
import type { Foundation } from '../foundation.ts'
import { operation, OperationRefused, type Circumstances } from './operation.ts'

const named = z.strictObject({
  /** Empty: all of them. */
  names: z.array(z.string().max(100)).max(100).default([]),
})

/** `same` null: it could not be compared, `problem` says why. */
interface Compared {
  readonly view: string
  readonly same: boolean | null
  readonly events: number
  readonly ms: number
  readonly differing: readonly string[]
  readonly problem: string | null
}

interface RebuiltOrNot {
  readonly view: string
  readonly events: number
  readonly ms: number
  readonly problem: string | null
}

export const projectionOperations = {
  'projection-list': operation(z.strictObject({}), async ({ projector }, _given, { server }) => {
    // Without a server nothing has been read yet: wait until it has.
    if (server === null) await projector.whenCurrent()
    return {
      items: projector
        .status()
        .views.map(shown)
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    }
  }),

  'projection-rebuild': operation(named, async (foundation, { names }, circumstances) => {
    const { log, projector } = foundation
    const { progress } = circumstances
    const results: RebuiltOrNot[] = []
    for (const view of await chosen(foundation, circumstances, names)) {
      const total = Number((await log.lastPosition()) ?? 0)
      progress({ what: view, done: 0, total })
      const off = projector.onCheckpoint((views) => {
        const beside = views.find(({ name }) => name === view)?.rebuild
        if (beside) progress({ what: view, done: Math.min(total, Number(beside.checkpoint ?? 0)), total })
      })
      try {
        results.push({ ...(await projector.rebuild(view)), problem: null })
        progress({ what: view, done: total, total })
      } catch (error) {
        results.push({ view, events: 0, ms: 0, problem: said(error) })
      } finally {
        off()
      }
    }
    return { results }
  }),

  'projection-verify': operation(named, async (foundation, { names }, circumstances) => {
    const views = await chosen(foundation, circumstances, names)
    const results: Compared[] = []
    for (const view of views) {
      circumstances.progress({ what: view, done: results.length, total: views.length })
      try {
        const { same, events, ms, tables } = await foundation.projector.verify(view)
        const differing = tables.filter(({ digest, rebuiltDigest }) => digest !== rebuiltDigest)
        results.push({
          view,
          same,
          events,
          ms,
          differing: differing.map(({ table, rows, rebuiltRows }) => `${table}: ${rows} rows, rebuilt ${rebuiltRows}`),
          problem: null,
        })
      } catch (error) {
        results.push({ view, same: null, events: 0, ms: 0, differing: [], problem: said(error) })
      }
    }
    circumstances.progress({ what: 'all', done: views.length, total: views.length })
    return { results }
  }),
}

const chosen = async (
  { projector }: Foundation,
  { server }: Circumstances,
  names: readonly string[],
): Promise<readonly string[]> => {
  if (server === null) await projector.whenCurrent()
  const known = projector
    .status()
    .views.map(({ name }) => name)
    .toSorted()
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new OperationRefused(`There is no projection "${unknown}". There are: ${known.join(', ')}.`, {
      kind: 'usage',
      instead: 'mailkeep projection list',
    })
  return names.length === 0 ? known : names
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const shown = ({ stopped, ...status }: ViewStatus) => ({
  ...status,
  stopped: stopped === null ? null : { ...stopped, occurredAt: toTime(stopped.occurredAt) },
})
