import type { SweepParts } from './steward-parts.ts'

/**
 * Throws `ViewBehind` unless the view of what is needed has read the whole log: a view that is being built anew knows of nothing,
 * and what nobody speaks of would be swept.
 */
export const contentUseIsCurrent = async ({ log, views }: Pick<SweepParts, 'log' | 'views'>): Promise<void> => {
  const newest = await log.lastPosition({ categories: ['mail'] })
  if (newest !== null) await views.caughtUp('content-use', newest, 1_000)
}
