import { Piscina } from 'piscina'
import { BadCursor, SearchUnavailable, type SearchReader } from '../port.ts'
import type * as answering from './answering.ts'

const IS_SOURCE = import.meta.url.endsWith('.ts')
const WORKER = new URL(IS_SOURCE ? './answering.ts' : './answering.js', import.meta.url)
/** Threads that answer at a time, once somebody asks. */
const MOST_THREADS = 2
/** Milliseconds for one answer. */
const TIMEOUT = 30_000
const MOST_WAITING = 1_000

/** Reads the index in threads of its own, beside the one that writes it; there need not be an index yet. */
export const openFtsReader = (path: string): SearchReader => {
  const threads = new Piscina({
    filename: WORKER.href,
    workerData: { path },
    execArgv: IS_SOURCE ? ['--conditions=source'] : [],
    minThreads: 0,
    maxThreads: MOST_THREADS,
    idleTimeout: 60_000,
    maxQueue: MOST_WAITING,
  })
  const ask = async <Name extends keyof typeof answering>(
    name: Name,
    given: Parameters<(typeof answering)[Name]>[0],
  ): Promise<ReturnType<(typeof answering)[Name]>> => {
    try {
      return (await threads.run(given, { name, signal: AbortSignal.timeout(TIMEOUT) })) as ReturnType<
        (typeof answering)[Name]
      >
    } catch (error) {
      throw new SearchUnavailable(`the index: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      })
    }
  }
  return {
    async search(request) {
      const answer = await ask('search', request)
      if (answer === 'bad cursor') throw new BadCursor()
      return answer
    },
    facets: (sought) => ask('facets', sought),
    documents: (ids) => ask('documents', ids),
    list: (after, limit) => ask('list', { after, limit }),
    checkpoint: () => ask('checkpoint', undefined),
    close: () => threads.close({ force: true }),
  }
}
