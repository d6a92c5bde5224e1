import type { Address } from '../message/mailbox.ts'
import type { CopyRole } from './copy.ts'

/** Names a copy among those of all mails. */
export interface CopyName {
  readonly mail: string
  readonly account: Address
  readonly role: CopyRole
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const PLAIN = /[a-z0-9._-]/
const ITEM = /^([0-9A-Z]{26})-(sent|received)-((?:[a-z0-9._-]|~[0-9a-f]{2})+)$/

/**
 * A copy's id in the archive: `<mail>-<role>-<account>`, whatever is not `a-z 0-9 . _ -` in the account as `~` and two hex digits per octet of
 * UTF-8, so that it can stand in a URL as it is. Sorts as the mails do, oldest first.
 */
export const itemId = ({ mail, account, role }: CopyName): string =>
  `${mail}-${role}-${[...account].map((character) => (PLAIN.test(character) ? character : escaped(character))).join('')}`

const escaped = (character: string): string =>
  [...encoder.encode(character)].map((octet) => `~${octet.toString(16).padStart(2, '0')}`).join('')

/** null: no such id could be. */
export const readItemId = (id: string): CopyName | null => {
  const [, mail, role, written] = ITEM.exec(id) ?? []
  if (mail === undefined || written === undefined || id.length > 1_000) return null
  const octets = written.match(/~[0-9a-f]{2}|[^~]/g) ?? []
  const bytes = octets.map((each) => (each.startsWith('~') ? Number.parseInt(each.slice(1), 16) : each.charCodeAt(0)))
  try {
    const name: CopyName = { mail, account: decoder.decode(new Uint8Array(bytes)), role: role as CopyRole }
    return itemId(name) === id ? name : null
  } catch {
    return null
  }
}
