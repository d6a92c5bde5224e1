import { domainOf, localPartOf, withoutDetail } from '#domain/message/mailbox'
import type { AddressRow, DomainRow, GroupRow, RoleRow } from './tables.ts'

/** Reads rows of the directory by key: `(table, key) => views.get('directory', table, key)`. */
export type DirectoryLookup = (table: string, key: readonly string[]) => unknown

export type Resolution =
  /**
   * One recipient per mailbox; `address` is as given. `outside`: members of groups that are in no hosted domain.
   * `postmaster`: asked for as postmaster of a hosted domain (or alone), which is never judged as spam.
   */
  | {
      readonly kind: 'mailboxes'
      readonly recipients: readonly { readonly address: string; readonly mailbox: string }[]
      readonly outside: readonly string[]
      readonly postmaster: boolean
    }
  | { readonly kind: 'unknown-domain' }
  | { readonly kind: 'unknown-recipient' }

/** Groups within groups are followed this deep, and to this many mailboxes in all; what lies beyond gets nothing. */
const MAX_DEPTH = 8
const MAX_MEMBERS = 10_000

/**
 * Where an address of RCPT TO leads: an account, an alias, a group (one recipient per member, each mailbox once), with or
 * without a sub-address, whatever its case. `postmaster@` of a hosted domain always leads somewhere: to the address of
 * that name, else the domain's postmaster, else the administrators; so does `postmaster` alone (RFC 5321 4.5.1).
 */
export function resolveRecipient(address: string, read: DirectoryLookup): Resolution {
  const key = address.toLowerCase()
  if (key === 'postmaster') return found(address, administrators(read), [], true)
  const domain = read('domains', [domainOf(key)]) as DomainRow | undefined
  if (domain === undefined) return { kind: 'unknown-domain' }
  const owner = ownerOf(key, domain, read)
  const postmaster = localPartOf(withoutDetail(key, domain.subAddressDelimiter || '+')) === 'postmaster'
  if (owner !== undefined) {
    const { mailboxes, outside } = expand(owner, read)
    if (mailboxes.length > 0 || outside.length > 0) return found(address, mailboxes, outside, postmaster)
    if (!postmaster) return { kind: 'unknown-recipient' }
  }
  if (!postmaster) return { kind: 'unknown-recipient' }
  return found(address, postmastersOf(domain, read), [], true)
}

function found(
  address: string,
  mailboxes: readonly string[],
  outside: readonly string[],
  postmaster: boolean,
): Resolution {
  if (mailboxes.length === 0 && outside.length === 0) return { kind: 'unknown-recipient' }
  return { kind: 'mailboxes', recipients: mailboxes.map((mailbox) => ({ address, mailbox })), outside, postmaster }
}

/** The address itself before the address without its detail: `a+b` may be an account of its own. */
function ownerOf(key: string, domain: DomainRow, read: DirectoryLookup): AddressRow | undefined {
  const exact = read('addresses', [key]) as AddressRow | undefined
  if (exact !== undefined || domain.subAddressDelimiter === '') return exact
  const plain = withoutDetail(key, domain.subAddressDelimiter)
  return plain === key ? undefined : (read('addresses', [plain]) as AddressRow | undefined)
}

function expand(owner: AddressRow, read: DirectoryLookup): { mailboxes: string[]; outside: string[] } {
  const mailboxes = new Set<string>()
  const outside = new Set<string>()
  const seen = new Set<string>()
  const follow = (row: AddressRow, depth: number) => {
    if (seen.has(row.address)) return
    seen.add(row.address)
    if (row.kind === 'account') mailboxes.add(row.target)
    else if (row.kind === 'alias') followAddress(row.target, depth)
    else if (depth < MAX_DEPTH) {
      const group = read('groups', [row.address]) as GroupRow | undefined
      for (const member of JSON.parse(group?.members ?? '[]') as string[]) {
        if (mailboxes.size + outside.size >= MAX_MEMBERS) return
        followAddress(member, depth + 1)
      }
    }
  }
  const followAddress = (member: string, depth: number) => {
    const key = member.toLowerCase()
    const domain = read('domains', [domainOf(key)]) as DomainRow | undefined
    if (domain === undefined) {
      outside.add(member)
      return
    }
    const row = ownerOf(key, domain, read)
    if (row !== undefined) follow(row, depth)
  }
  follow(owner, 0)
  return { mailboxes: [...mailboxes], outside: [...outside] }
}

function postmastersOf(domain: DomainRow, read: DirectoryLookup): readonly string[] {
  if (domain.postmaster !== null) {
    const key = domain.postmaster.toLowerCase()
    const home = read('domains', [domainOf(key)]) as DomainRow | undefined
    const owner = home === undefined ? undefined : ownerOf(key, home, read)
    if (owner !== undefined) {
      const { mailboxes } = expand(owner, read)
      if (mailboxes.length > 0) return mailboxes
    }
  }
  return administrators(read)
}

const administrators = (read: DirectoryLookup): readonly string[] =>
  JSON.parse((read('roles', ['admin']) as RoleRow | undefined)?.members ?? '[]') as string[]
