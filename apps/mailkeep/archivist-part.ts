import { Archivist } from '#apps/archivist/archivist'
import type { Foundation } from './foundation.ts'

/** Copies for the archive. */
export const startArchivist = async (foundation: Foundation): Promise<Archivist> => {
  const archivist = new Archivist({ ...foundation, terms: foundation.archiveTerms })
  await archivist.start()
  return archivist
}
