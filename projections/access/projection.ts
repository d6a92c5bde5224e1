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

type AccessEvent = Extract<EdgeEvent, { readonly type: 'SignInRefused' | 'ContentRead' }>

/** Who tried to sign in and was refused, who read what. */
export const access: Projection<AccessEvent> = {
  name: 'access',
  version: 1,
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
  ],
  types: ['SignInRefused', 'ContentRead'],
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
    }
  },
}
