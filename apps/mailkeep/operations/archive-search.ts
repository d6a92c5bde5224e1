import { z } from 'zod'
import { ArchiveSearch, readQuery } from '#apps/api/archive/search'
import { mailbox } from '#apps/api/resources/shapes'
import { Problem } from '#apps/api/route/problem'
import type { Foundation } from '../foundation.ts'
import { operation, OperationRefused, type Circumstances } from './operation.ts'

const MAX_LIMIT = 500

/** Searching the archive from the terminal, and comparing log, contents and index. */
export const archiveSearchOperations = {
  'archive-search': operation(
    z.strictObject({
      query: z.string().max(20_000),
      account: mailbox.optional(),
      reason: z.string().min(1).max(1_000),
      limit: z.number().int().min(1).max(MAX_LIMIT).default(20),
      sort: z.enum(['date', 'relevance']).optional(),
      facets: z.boolean().default(false),
    }),
    async (foundation, { query, account, reason, limit, sort, facets }, circumstances) => {
      const { journal, log, logger, policies, search, views } = foundation
      await policies.fresh()
      if (account === undefined && policies.current('archive').document.fourEyes.searches)
        throw new OperationRefused(
          'Looking through all accounts waits for a second officer here, so an officer asks for it in the web client. One account needs none: --account.',
        )
      const reader = { by: circumstances.operator, as: 'compliance', reason, approval: null } as const
      const scope = { reader, account: account ?? null, after: null }
      try {
        const parsed = readQuery(query)
        await indexed(foundation, circumstances)
        const wanted = { query: parsed, role: undefined, order: sort ?? null, cursor: null, limit, facets, after: null }
        const found = await new ArchiveSearch({ log: logger, search, views }).find(scope, wanted)
        const shown = [...new Set(found.items.map((item) => item.account))]
        await journal.access(
          {
            type: 'ArchiveSearched',
            data: { ...reader, account: scope.account, query, found: found.items.length, shown },
          },
          { kind: 'operator', name: circumstances.operator },
        )
        return { ...found, behind: await isBehind(log, found.position) }
      } catch (error) {
        if (!(error instanceof Problem)) throw error
        const [first] = error.problems
        if (first === undefined) throw new OperationRefused(error.message)
        throw new OperationRefused(`${first.where.replace('query.q', 'The query')}, ${first.problem}.`, {
          kind: 'usage',
        })
      }
    },
  ),

  'archive-verify': operation(
    z.strictObject({ contents: z.enum(['read', 'there']).default('read') }),
    async ({ indexing }, { contents }) => {
      indexing.start()
      return indexing.verify(contents)
    },
  ),
}

/** Without a server nobody has indexed what came since: it is done now. */
const indexed = async ({ indexing }: Foundation, { server }: Circumstances): Promise<void> => {
  if (server !== null) return
  indexing.start()
  await indexing.verify('there')
}

const isBehind = async (log: Foundation['log'], position: string | null): Promise<boolean> => {
  const last = await log.lastPosition({ types: ['Archived', 'CopyPurged'] })
  return last !== null && (position === null || position < last)
}
