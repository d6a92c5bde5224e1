import type { ContentHash } from '#domain/message/content-hash'
import type { ContentRow } from '#projections/content-use/projection'
import { contentUseIsCurrent } from './content-use-is-current.ts'
import { putBefore } from './put-before.ts'
import type { SweepParts } from './steward-parts.ts'

const BATCH = 500

/**
 * Bytes that no event speaks of (the client went away before its 250) or that were said to be dropped just before a crash. Goes round the
 * whole store, a batch a turn; what was put within the grace period stays, since its event may be on its way.
 */
export const orphanSweep = (): ((parts: SweepParts) => Promise<number>) => {
  let after: ContentHash | null = null
  return async (parts) => {
    const { clock, content, policies, views } = parts
    await policies.fresh()
    await contentUseIsCurrent(parts)
    const before = putBefore(clock(), policies.current('storage').document.grace)
    const entries = await content.list(after, BATCH)
    after = entries.length < BATCH ? null : (entries.at(-1)?.hash ?? null)
    let dropped = 0
    for (const { hash, lastPutAt } of entries) {
      if (lastPutAt >= before || views.get('content-use', 'evidence', [hash]) !== undefined) continue
      const row = views.get<ContentRow>('content-use', 'contents', [hash])
      if ((row === undefined || row.dropped === 1) && (await content.drop(hash, before))) dropped += 1
    }
    return dropped
  }
}
