import { Inject, Injectable } from '@nestjs/common'
import { DAY, type Instant } from '#domain/kernel/instant'
import { domainOf } from '#domain/message/mailbox'
import type { ArchiveAccountRow, HoldRow } from '#projections/archive-accounts/tables'
import type { AccountRow } from '#projections/directory/tables'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { toTime, toTimeOrNull } from '../resources/shapes.ts'

export const ARCHIVE_ACCOUNTS = 'archive-accounts'

/** Growth is looked at over so many days, or since there is anything. */
const GROWTH_DAYS = 30
/** A forecast beyond it says nothing. */
const FARTHEST_FORECAST = 100 * 366 * DAY

type ArchiveAccountsParts = Pick<ApiParts, 'archiveTerms' | 'policies' | 'views'>

interface Growth {
  readonly first: number | null
  readonly copies: number
  readonly bytes: number
}

/** Archive accounts as the views have them: what is their own, else their domain's and the policy's. */
@Injectable()
export class ArchiveAccounts {
  readonly #parts: ArchiveAccountsParts

  constructor(@Inject(API_PARTS) parts: ArchiveAccountsParts) {
    this.#parts = parts
  }

  /** When the account that had this address before was deleted; null: there was none with an archive. */
  formerUntil(address: string): Instant | null {
    return this.#row(address)?.formerUntil ?? null
  }

  /** Addresses after `after` that have an account, or an archive: those of accounts that are gone stay. */
  addresses(domain: string | null, after: string, limit: number): string[] {
    const { views } = this.#parts
    const select = (view: string): string[] =>
      views
        .select<Pick<AccountRow, 'address'>>(
          view,
          `SELECT address FROM {accounts} WHERE address > :after AND (:domain IS NULL OR domain = :domain) ORDER BY address LIMIT :limit`,
          { after, domain, limit },
        )
        .map(({ address }) => address)
    return [...new Set([...select('directory'), ...select(ARCHIVE_ACCOUNTS)])].toSorted().slice(0, limit)
  }

  /** Whether there is anything to show: an account, or an archive that was set up or has copies. */
  exists(address: string): boolean {
    return (
      this.#row(address) !== undefined ||
      this.#parts.views.get<AccountRow>('directory', 'accounts', [address]) !== undefined
    )
  }

  /** Policies and domains have been read freshly (`archiveTerms.fresh`). `officer`: sees what holds are about. */
  shown(address: string, now: Instant, officer: boolean) {
    const { archiveTerms, policies } = this.#parts
    const row = this.#row(address)
    const { document } = policies.current('archive')
    const own = row?.subscribed ?? null
    const domain = archiveTerms.defaultOf(domainOf(address))
    const ownQuota = row?.ownQuota === 1
    const ownRetention = row?.ownRetention === 1
    const quotaBytes = ownQuota ? row.quotaBytes : document.quotaBytes
    const usedBytes = row?.usedBytes ?? 0
    return {
      address,
      subscribed: own === null ? domain : own === 1,
      subscription: { own: own === null ? null : own === 1, domain },
      quotaBytes,
      ownQuota,
      usedBytes,
      copies: row?.copies ?? 0,
      full: quotaBytes !== null && usedBytes > 0 && usedBytes >= quotaBytes,
      growth: this.#growth(address, now, quotaBytes === null ? null : quotaBytes - usedBytes),
      retentionDays: ownRetention ? row.retentionDays : document.retentionDays,
      ownRetention,
      holds: this.#holds(address).map((hold) => shownHold(hold, officer)),
    }
  }

  #growth(address: string, now: Instant, left: number | null): object {
    const today = Math.floor(now / DAY)
    const [growth] = this.#parts.views.select<Growth>(
      ARCHIVE_ACCOUNTS,
      `SELECT min(day) AS first, sum(copies) AS copies, sum(bytes) AS bytes FROM {growth}
        WHERE address = :address AND day > :since AND day <= :today`,
      { address, since: today - GROWTH_DAYS, today },
    )
    const days = Math.max(1, today - (growth?.first ?? today) + 1)
    const bytesPerDay = (growth?.bytes ?? 0) / days
    const fullIn = left === null || left <= 0 || bytesPerDay <= 0 ? null : (left / bytesPerDay) * DAY
    return {
      days,
      copiesPerDay: (growth?.copies ?? 0) / days,
      bytesPerDay,
      fullAt: fullIn === null || fullIn > FARTHEST_FORECAST ? null : toTime(Math.round(now + fullIn)),
    }
  }

  #holds(address: string): HoldRow[] {
    return this.#parts.views.select<HoldRow>(
      ARCHIVE_ACCOUNTS,
      'SELECT * FROM {holds} WHERE address = :address ORDER BY at, hold',
      { address },
    )
  }

  #row(address: string): ArchiveAccountRow | undefined {
    return this.#parts.views.get<ArchiveAccountRow>(ARCHIVE_ACCOUNTS, 'accounts', [address])
  }
}

/** Administrators learn that there is one, and since when. */
const shownHold = ({ hold, name, from, until, query, reason, placedBy, at }: HoldRow, officer: boolean): object => ({
  id: hold,
  name: officer ? name : null,
  from: officer ? toTimeOrNull(from) : null,
  until: officer ? toTimeOrNull(until) : null,
  query: officer ? query : null,
  reason: officer ? reason : null,
  by: officer ? placedBy : null,
  at: toTime(at),
})
