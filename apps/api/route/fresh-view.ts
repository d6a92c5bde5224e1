import type { Position } from '#infra/event-log/port'
import { ViewBehind } from '#infra/views/port'
import type { ApiParts } from '../parts.ts'

const PATIENCE_MS = 2_000

/** Waits a moment until a view has read what is known to be in the log; an answer that is a moment old is better than none. */
export async function freshen(parts: Pick<ApiParts, 'views'>, view: string, position: Position | null): Promise<void> {
  if (position === null) return
  try {
    await parts.views.caughtUp(view, position, PATIENCE_MS)
  } catch (error) {
    if (!(error instanceof ViewBehind)) throw error
  }
}
