import type { ArchiveAccountRow } from '#projections/archive-accounts/tables'
import { FULL_ACCOUNTS } from '#projections/archive-accounts/full-accounts'
import type { StewardParts } from './steward-parts.ts'
import type { Trouble } from './trouble.ts'

/** An alarm for each; with more of them the first ones say enough. */
const TOLD = 100

/** Archive accounts whose quota is used up. Their mail is archived all the same. Policies have been read freshly. */
export const fullArchives = ({ policies, views }: Pick<StewardParts, 'policies' | 'views'>): Trouble[] => {
  const { quotaBytes, whenFull } = policies.current('archive').document
  return views
    .select<ArchiveAccountRow>('archive-accounts', FULL_ACCOUNTS, { quotaBytes, after: '', limit: TOLD })
    .map((row) => ({
      kind: 'archive-full',
      subject: row.address,
      detail: `The archive of ${row.address} has ${row.usedBytes} bytes, its quota is ${row.ownQuota === 1 ? row.quotaBytes : quotaBytes}. Archiving goes on${whenFull === 'make-room' ? '; nothing in it is expired and free to make room' : ''}. Raise its quota, or look at how long its mail is kept: PATCH /archive/accounts/${row.address}`,
    }))
}
