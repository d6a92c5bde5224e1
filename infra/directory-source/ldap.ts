import { AndFilter, EqualityFilter, FilterParser, OrFilter, PresenceFilter, type Filter } from 'ldapts'
import type { DirectoryEntry } from '#domain/hosted-domain/directory-plan'
import type { LdapSource } from '#domain/hosted-domain/recipient-source'
import type { Address } from '#domain/message/mailbox'
import { addressesOf, isDeleted, type LdapEntry } from './ldap-attributes.ts'
import { entriesOf, type LdapGroup } from './ldap-entries.ts'
import { away, LdapSession, type LdapOpening } from './ldap-session.ts'
import { DirectoryAway, type DirectorySource, type Found } from './port.ts'

const QUESTION_MS = 5_000
const SYNC_MS = 60_000
/** A connection without questions is given back after so long. */
const IDLE_MS = 30_000
/** A group with more members is not unfolded while a sender waits: the next full sync brings it. */
const MEMBERS_WHILE_WAITING = 500
const READS_AT_A_TIME = 16

/** An LDAP directory or Active Directory, for one domain. */
export class LdapDirectory implements DirectorySource {
  readonly #domain: string
  readonly #opening: Omit<LdapOpening, 'patience'>
  #session: Promise<LdapSession> | null = null
  #idle: NodeJS.Timeout | null = null

  constructor(domain: string, source: LdapSource, password: string | null) {
    this.#domain = domain
    this.#opening = { source, password }
  }

  async lookUp(address: Address, signal: AbortSignal): Promise<Found> {
    try {
      const found = this.#ask((session) => this.#find(session, address, signal), signal)
      return await Promise.race([found, ended(signal)])
    } catch (error) {
      return { kind: 'away', reason: away(this.#opening.source.url, error).message }
    }
  }

  async everything(signal: AbortSignal): Promise<readonly DirectoryEntry[]> {
    const { url } = this.#opening.source
    const session = await LdapSession.open({ ...this.#opening, patience: SYNC_MS })
    try {
      const people = await session.all(new AndFilter({ filters: [this.#users(), withAddress()] }), signal)
      const groups: LdapGroup[] = []
      for (const entry of await session.all(this.#groups(), signal)) {
        signal.throwIfAborted()
        groups.push({ entry, members: await session.membersOf(entry) })
      }
      return entriesOf(this.#domain, people, groups)
    } catch (error) {
      throw away(url, error)
    } finally {
      await session.close()
    }
  }

  async close(): Promise<void> {
    if (this.#idle !== null) clearTimeout(this.#idle)
    const session = this.#session
    this.#session = null
    if (session !== null) await session.then((open) => open.close()).catch(() => undefined)
  }

  async #find(session: LdapSession, address: Address, signal: AbortSignal): Promise<Found> {
    const filter = new AndFilter({
      filters: [new OrFilter({ filters: [this.#users(), this.#groups()] }), hasAddress(address)],
    })
    const found = (await session.search(filter, 10)).filter((entry) => !isDeleted(entry))
    const entry = found.find((one) => addressesOf(one).includes(address))
    if (entry === undefined) return { kind: 'unknown', reason: `${this.#opening.source.url} has no ${address}` }
    const members = await session.membersOf(entry)
    const entries =
      members.length === 0 && !isGroup(entry)
        ? entriesOf(this.#domain, [entry], [])
        : await this.#unfolded(session, { entry, members }, signal)
    const mine = entries.find((one) => one.address === address || ('aliases' in one && one.aliases.includes(address)))
    if (mine === undefined || (mine.kind === 'group' && mine.members.length === 0))
      return { kind: 'unknown', reason: `${address} is a group without members that have an address` }
    return { kind: 'entries', entries: [mine, ...entries.filter((one) => one !== mine && one.kind === 'account')] }
  }

  /** A group with those of its members that have an address; groups within it stay what they are. */
  async #unfolded(session: LdapSession, group: LdapGroup, signal: AbortSignal): Promise<DirectoryEntry[]> {
    const { members } = group
    if (members.length > MEMBERS_WHILE_WAITING)
      throw new DirectoryAway(`${group.entry.dn} has ${members.length} members: it comes with the next full sync`)
    const people: LdapEntry[] = []
    for (let at = 0; at < members.length; at += READS_AT_A_TIME) {
      signal.throwIfAborted()
      const read = await Promise.all(members.slice(at, at + READS_AT_A_TIME).map((dn) => session.read(dn)))
      people.push(...read.filter((entry) => entry !== null))
    }
    return entriesOf(this.#domain, people, [group])
  }

  /** On the kept connection; when that turns out to be dead, once more on a new one. */
  async #ask<Answer>(question: (session: LdapSession) => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted()
    const kept = this.#session
    const session = await this.#connected()
    try {
      return await question(session)
    } catch (error) {
      if (session.isUsable) throw error
      this.#session = null
      if (kept === null || signal.aborted) throw error
      return await question(await this.#connected())
    } finally {
      this.#rest()
    }
  }

  #connected(): Promise<LdapSession> {
    if (this.#session !== null) return this.#session
    const session = LdapSession.open({ ...this.#opening, patience: QUESTION_MS })
    this.#session = session
    session.catch(() => {
      if (this.#session === session) this.#session = null
    })
    return session
  }

  #rest(): void {
    if (this.#idle !== null) clearTimeout(this.#idle)
    this.#idle = setTimeout(() => void this.close(), IDLE_MS).unref()
  }

  #users(): Filter {
    return FilterParser.parseString(this.#opening.source.userFilter.trim())
  }

  #groups(): Filter {
    return FilterParser.parseString(this.#opening.source.groupFilter.trim())
  }
}

const ended = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const reason = (): void => reject(new DirectoryAway('there was no answer in time'))
    if (signal.aborted) reason()
    else signal.addEventListener('abort', reason, { once: true })
  })

const withAddress = (): Filter =>
  new OrFilter({
    filters: ['mail', 'proxyAddresses', 'mailAlternateAddress'].map((attribute) => new PresenceFilter({ attribute })),
  })

const hasAddress = (address: Address): Filter =>
  new OrFilter({
    filters: [
      new EqualityFilter({ attribute: 'mail', value: address }),
      new EqualityFilter({ attribute: 'proxyAddresses', value: `smtp:${address}` }),
      new EqualityFilter({ attribute: 'proxyAddresses', value: `SMTP:${address}` }),
      new EqualityFilter({ attribute: 'mailAlternateAddress', value: address }),
    ],
  })

const isGroup = (entry: LdapEntry): boolean => {
  const classes = Object.entries(entry).find(([name]) => name.toLowerCase() === 'objectclass')?.[1]
  return [classes]
    .flat()
    .some((one) => typeof one === 'string' && /^(group|groupofnames|groupofuniquenames)$/i.test(one))
}
