import { Archivist } from '#apps/archivist/archivist'
import type { Foundation } from './foundation.ts'

/** Copies for the archive, and the index that finds them. */
export const startArchivist = async (foundation: Foundation): Promise<Pick<Archivist, 'stop'>> => {
  const archivist = new Archivist({ ...foundation, terms: foundation.archiveTerms })
  await archivist.start()
  foundation.indexing.start()
  return {
    async stop() {
      await Promise.all([archivist.stop(), foundation.indexing.stop()])
    },
  }
}
