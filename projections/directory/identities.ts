import type { AddressLookup } from '#domain/account/identities'
import type { DirectoryLookup } from './resolve.ts'
import type { AddressRow, DomainRow } from './tables.ts'

/** What the directory says about addresses, for who asks whether an account may send as one. */
export const addressLookup = (read: DirectoryLookup): AddressLookup => ({
  owner: (address) => {
    const row = read('addresses', [address]) as AddressRow | undefined
    return row === undefined ? null : { kind: row.kind, target: row.target }
  },
  delimiter: (domain) => (read('domains', [domain]) as DomainRow | undefined)?.subAddressDelimiter ?? null,
})
