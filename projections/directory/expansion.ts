import type { Forward } from '#domain/mail/events'
import { domainOf, withoutDetail } from '#domain/message/mailbox'
import { forwardingOfRow, type AccountRow, type AddressRow, type DomainRow, type GroupRow } from './tables.ts'

/** Reads rows of the directory by key: `(table, key) => views.get('directory', table, key)`. */
export type DirectoryLookup = (table: string, key: readonly string[]) => unknown

/** A member of a group that is in no hosted domain. */
export interface OutsideMember {
  readonly member: string
  readonly group: string
}

/** Groups within groups are followed this deep, and to this many mailboxes in all; what lies beyond gets nothing. */
const MAX_DEPTH = 8
const MAX_MEMBERS = 10_000
/** Forwards are followed this far; where they go on, the last one keeps the mail. */
const MAX_HOPS = 10

/** How deep in groups, how far in forwards. */
interface Way {
  readonly depth: number
  readonly hops: number
}

/**
 * All mailboxes that addresses lead to through groups and forwards, each once. Nobody is lost on the way: an account that forwards without a copy,
 * round in a circle or to nobody who is there, gets the mail itself.
 */
export class Expansion {
  /** In the order they were found, each with what of it goes on to addresses outside. */
  readonly mailboxes = new Map<string, Forward | null>()
  readonly #outside = new Map<string, OutsideMember>()
  readonly #read: DirectoryLookup
  /** Whether an address led to somebody; null: it is being followed. */
  readonly #reached = new Map<string, boolean | null>()

  constructor(read: DirectoryLookup) {
    this.#read = read
  }

  get outside(): readonly OutsideMember[] {
    return [...this.#outside.values()]
  }

  of(owner: AddressRow): this {
    this.#follow(owner, { depth: 0, hops: 0 })
    return this
  }

  account(address: string): void {
    this.#once(address, () => this.#account(address, { depth: 0, hops: 0 }))
  }

  #follow(row: AddressRow, way: Way): boolean {
    if (row.kind === 'alias') return this.#address(row.target, way)
    return this.#once(row.address, () =>
      row.kind === 'group' ? this.#group(row.address, way) : this.#account(row.target, way),
    )
  }

  /** What is asked for again while it is being followed is a circle: it leads to nobody. */
  #once(key: string, follow: () => boolean): boolean {
    const known = this.#reached.get(key)
    if (known !== undefined) return known ?? false
    this.#reached.set(key, null)
    const reached = follow()
    this.#reached.set(key, reached)
    return reached
  }

  #address(address: string, way: Way): boolean {
    const key = address.toLowerCase()
    const domain = this.#domain(key)
    const row = domain === undefined ? undefined : ownerOf(key, domain, this.#read)
    return row !== undefined && this.#follow(row, way)
  }

  #group(group: string, { depth, hops }: Way): boolean {
    if (depth >= MAX_DEPTH) return false
    const row = this.#read('groups', [group]) as GroupRow | undefined
    let reached = false
    for (const member of JSON.parse(row?.members ?? '[]') as string[]) {
      if (this.mailboxes.size + this.#outside.size >= MAX_MEMBERS) break
      if (this.#domain(member.toLowerCase()) === undefined) {
        if (!this.#outside.has(member)) this.#outside.set(member, { member, group })
        reached = true
      } else if (this.#address(member, { depth: depth + 1, hops })) reached = true
    }
    return reached
  }

  #account(account: string, { depth, hops }: Way): true {
    const row = this.#read('accounts', [account]) as AccountRow | undefined
    const forwarding = row === undefined ? null : forwardingOfRow(row)
    if (forwarding === null || hops >= MAX_HOPS) {
      this.mailboxes.set(account, null)
      return true
    }
    const { to, keepCopy } = forwarding
    if (keepCopy) this.mailboxes.set(account, null)
    const outside = to.filter((target) => this.#domain(domainOf(target).toLowerCase()) === undefined)
    let reached = false
    for (const target of to)
      if (!outside.includes(target) && this.#address(target, { depth, hops: hops + 1 })) reached = true
    if (outside.length > 0) this.mailboxes.set(account, { to: outside, as: keepCopy ? 'copy' : 'instead' })
    else if (!reached) this.mailboxes.set(account, null)
    return true
  }

  #domain(address: string): DomainRow | undefined {
    return this.#read('domains', [domainOf(address)]) as DomainRow | undefined
  }
}

/** The address itself before the address without its detail: `a+b` may be an account of its own. */
export function ownerOf(key: string, domain: DomainRow, read: DirectoryLookup): AddressRow | undefined {
  const exact = read('addresses', [key]) as AddressRow | undefined
  if (exact !== undefined || domain.subAddressDelimiter === '') return exact
  const plain = withoutDetail(key, domain.subAddressDelimiter)
  return plain === key ? undefined : (read('addresses', [plain]) as AddressRow | undefined)
}
