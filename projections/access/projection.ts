import type { CopyRole } from '#domain/archive/copy'
import { put } from '#domain/kernel/projection'
import type { Projection } from '#domain/kernel/projection'
import type { Instant } from '#domain/kernel/instant'
import type { EdgeEvent } from '#domain/edge/events'

/** A sign-in that was refused. Newest first by position. */
export type RefusedSignInRow = {
  readonly position: string
  readonly at: Instant
  /** Lower case. */
  readonly address: string
  readonly clientAddress: string
  readonly reason: 'wrong-password' | 'unknown-account' | 'suspended' | 'limited'
}

/** Content of a mail that somebody read. Newest first by position. */
export type ContentReadRow = {
  readonly position: string
  readonly at: Instant
  readonly mail: string
  readonly recipient: string | null
  readonly reader: string
  readonly readAs: 'user' | 'compliance' | 'domain-admin' | 'admin'
  readonly reason: string | null
}

/**
 * Somebody else looked into an account's archive: one row for each reading, and one for each answer to a search that showed something of it.
 * Newest first by position.
 */
export type ArchiveReaderRow = {
  readonly account: string
  readonly position: string
  readonly at: Instant
  readonly what: 'search' | 'item' | 'content' | 'proof'
  /** Of what was read; null: a search. */
  readonly mail: string | null
  readonly role: CopyRole | null
  /** Of a search; null: everything, newest first, or it was none. */
  readonly query: string | null
  readonly reader: string
  readonly reason: string | null
  readonly approval: string | null
}

type AccessEvent = Extract<
  EdgeEvent,
  { readonly type: 'SignInRefused' | 'ContentRead' | 'ArchiveSearched' | 'ArchiveRead' }
>

/** Who tried to sign in and was refused, who read what, who looked into whose archive. */
export const access: Projection<AccessEvent> = {
  name: 'access',
  version: 2,
  tables: [
    {
      name: 'refusedSignIns',
      key: ['position'],
      columns: { position: 'text', at: 'integer', address: 'text', clientAddress: 'text', reason: 'text' },
      indexes: [
        ['address', 'at'],
        ['clientAddress', 'at'],
      ],
    },
    {
      name: 'contentReads',
      key: ['position'],
      columns: {
        position: 'text',
        at: 'integer',
        mail: 'text',
        recipient: 'text',
        reader: 'text',
        readAs: 'text',
        reason: 'text',
      },
      indexes: [
        ['mail', 'position'],
        ['reader', 'position'],
      ],
    },
    {
      name: 'archiveReaders',
      key: ['account', 'position'],
      columns: {
        account: 'text',
        position: 'text',
        at: 'integer',
        what: 'text',
        mail: 'text',
        role: 'text',
        query: 'text',
        reader: 'text',
        reason: 'text',
        approval: 'text',
      },
    },
  ],
  types: ['SignInRefused', 'ContentRead', 'ArchiveSearched', 'ArchiveRead'],
  project: (event) => {
    const { position, occurredAt: at } = event
    switch (event.type) {
      case 'SignInRefused': {
        const { address, clientAddress, reason } = event.data
        const row: RefusedSignInRow = { position, at, address: address.toLowerCase(), clientAddress, reason }
        return [put('refusedSignIns', row)]
      }
      case 'ContentRead': {
        const { mail, recipient, by, as, reason } = event.data
        const row: ContentReadRow = { position, at, mail, recipient, reader: by.toLowerCase(), readAs: as, reason }
        return [put('contentReads', row)]
      }
      case 'ArchiveSearched': {
        const { by, shown, query, reason, approval } = event.data
        const reader = by.toLowerCase()
        return shown
          .filter((account) => account !== reader)
          .map((account) => {
            const what = 'search'
            const row: ArchiveReaderRow = {
              account,
              position,
              at,
              what,
              mail: null,
              role: null,
              query,
              reader,
              reason,
              approval,
            }
            return put('archiveReaders', row)
          })
      }
      case 'ArchiveRead': {
        const { account, by, mail, role, what, reason, approval } = event.data
        const reader = by.toLowerCase()
        const row: ArchiveReaderRow = { account, position, at, what, mail, role, query: null, reader, reason, approval }
        return reader === account ? [] : [put('archiveReaders', row)]
      }
    }
  },
}
