import type { Instant } from '../kernel/instant.ts'
import type { ArchiveEvent } from './events.ts'

export type Hold = Extract<ArchiveEvent, { type: 'HoldPlaced' }>['data']

/** What a hold looks at. */
interface Holdable {
  readonly acceptedAt: Instant
  readonly dueAt: Instant
}

/**
 * Whether a hold covers a copy: its mail was accepted, or it became due, within the hold's dates. A query is not asked: what it may find is
 * held, too.
 */
export const covers = ({ from, until }: Pick<Hold, 'from' | 'until'>, { acceptedAt, dueAt }: Holdable): boolean =>
  (from === null || Math.max(acceptedAt, dueAt) >= from) && (until === null || Math.min(acceptedAt, dueAt) < until)

export const isHeld = (holds: readonly Hold[], copy: Holdable): boolean => holds.some((hold) => covers(hold, copy))
