import type { Instant } from '#domain/kernel/instant'
import { lastDue, wallClock } from '#domain/digest/schedule'
import type { DigestWishes } from '#domain/mailbox/digest-wishes'
import type { ViewReader } from '#infra/views/port'
import type { DigestAccountRow, DigestDefaultRow } from '#projections/digest/projection'
import { saidBy } from '#projections/digest/said-by'

/** An account whose digest is due, and for which window. */
export interface DueDigest {
  readonly address: string
  readonly to: Instant
}

type Alike = Pick<DigestAccountRow, 'domain' | 'timeZone' | 'wishes'>

const VIEW = 'digest'
/** Accounts whose digests fall due at the same times: few, however many accounts there are. */
const ALIKE = 'SELECT DISTINCT domain, timeZone, wishes FROM {accounts}'
const LATE = `SELECT address FROM {accounts}
  WHERE domain = :domain AND timeZone = :timeZone AND wishes IS :wishes AND since < :to LIMIT :limit`

/** Digests that are due at `now`, at most `limit`. */
export const dueDigests = (
  views: Pick<ViewReader, 'get' | 'select'>,
  fallback: { readonly wishes: DigestWishes },
  now: Instant,
  limit: number,
): readonly DueDigest[] => {
  const due: DueDigest[] = []
  for (const alike of views.select<Alike>(VIEW, ALIKE)) {
    const ofDomain = views.get<DigestDefaultRow>(VIEW, 'defaults', [alike.domain])
    const said = saidBy(alike.wishes, ofDomain, fallback.wishes)
    const to = lastDue(said.wishes, wallClock(alike.timeZone), now)
    if (to === null || to <= said.since) continue
    const rows = views.select<Pick<DigestAccountRow, 'address'>>(VIEW, LATE, {
      domain: alike.domain,
      timeZone: alike.timeZone,
      wishes: alike.wishes,
      to,
      limit: limit - due.length,
    })
    for (const { address } of rows) due.push({ address, to })
    if (due.length >= limit) break
  }
  return due
}
