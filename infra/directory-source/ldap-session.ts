import { isIP } from 'node:net'
import { Client, type Filter, type SearchOptions } from 'ldapts'
import type { LdapSource } from '#domain/hosted-domain/recipient-source'
import { ATTRIBUTES, textsOf, type LdapEntry } from './ldap-attributes.ts'
import { DirectoryAway } from './port.ts'

/** Active Directory gives 1,000 at once; OpenLDAP gives 500 by default, and refuses to page when asked for more. */
const PAGE = 500
/** All entries of one search: what is held in memory. */
const MOST_ENTRIES = 250_000
/** Members fetched beyond those an entry came with (Active Directory gives 1,500 at a time). */
const MOST_RANGES = 10

export interface LdapOpening {
  readonly source: LdapSource
  readonly password: string | null
  /** For each answer, milliseconds. */
  readonly patience: number
}

/** One bound connection. It never comes back by itself: a connection that was lost and made anew would ask without having signed in. */
export class LdapSession {
  readonly #client: Client
  readonly #base: string

  private constructor(client: Client, base: string) {
    this.#client = client
    this.#base = base
  }

  /** Throws `DirectoryAway`. */
  static async open({ source, password, patience }: LdapOpening): Promise<LdapSession> {
    // A DN without a password would be an anonymous bind that looks like a success (RFC 4513 5.1.2).
    if (source.bindDn !== '' && (password ?? '') === '') throw new DirectoryAway('bindDn has no password')
    const tls = { rejectUnauthorized: source.verifyCertificate, ...nameOf(source.url) }
    const client = new Client({
      url: source.url,
      timeout: patience,
      connectTimeout: patience,
      // Given for `ldap://` too, they would make it TLS from the first octet on.
      ...(source.url.startsWith('ldaps://') ? { tlsOptions: tls } : {}),
      strictDN: false,
    })
    try {
      if (source.startTls) await client.startTLS(tls)
      await client.bind(source.bindDn, password ?? '')
      return new LdapSession(client, source.base)
    } catch (error) {
      await leave(client)
      throw away(source.url, error)
    }
  }

  get isUsable(): boolean {
    return this.#client.isBound
  }

  async search(filter: Filter, limit: number): Promise<readonly LdapEntry[]> {
    return this.#search(this.#base, { scope: 'sub', filter, sizeLimit: limit })
  }

  /** The entry itself; null: there is none. */
  async read(dn: string, attributes: readonly string[] = ATTRIBUTES): Promise<LdapEntry | null> {
    try {
      return (await this.#search(dn, { scope: 'base', attributes: [...attributes] }))[0] ?? null
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchObjectError') return null
      throw error
    }
  }

  async #search(base: string, options: SearchOptions): Promise<readonly LdapEntry[]> {
    this.#mustBeBound()
    const { searchEntries } = await this.#client.search(base, { attributes: ATTRIBUTES, ...options })
    this.#mustBeBound()
    return searchEntries as LdapEntry[]
  }

  /** All entries, page by page. Throws when there are more than can be held. */
  async all(filter: Filter, signal: AbortSignal): Promise<readonly LdapEntry[]> {
    this.#mustBeBound()
    const found: LdapEntry[] = []
    const pages = this.#client.searchPaginated(this.#base, {
      scope: 'sub',
      filter,
      attributes: ATTRIBUTES,
      paged: { pageSize: PAGE },
    })
    for await (const { searchEntries } of pages) {
      signal.throwIfAborted()
      this.#mustBeBound()
      found.push(...(searchEntries as LdapEntry[]))
      if (found.length > MOST_ENTRIES) throw new DirectoryAway(`more than ${MOST_ENTRIES} entries`)
    }
    return found
  }

  /** DNs of a group's members, those that Active Directory keeps back (`member;range=0-1499`) included. */
  async membersOf(group: LdapEntry): Promise<readonly string[]> {
    return allMembers(group, (attribute) => this.read(group.dn, [attribute]))
  }

  close(): Promise<void> {
    return leave(this.#client)
  }

  #mustBeBound(): void {
    if (!this.#client.isBound) throw new DirectoryAway('the connection to the directory was lost')
  }
}

export const allMembers = async (
  group: LdapEntry,
  read: (attribute: string) => Promise<LdapEntry | null>,
): Promise<readonly string[]> => {
  const members: string[] = []
  for (const [name, values] of Object.entries(group))
    if (/^(member|uniquemember)$/i.test(name)) members.push(...textsOf(values))
  let part: LdapEntry | null = group
  for (let asked = 0; part !== null; asked++) {
    const [attribute, values] = Object.entries(part).find(([name]) => /^member;range=/i.test(name)) ?? []
    if (attribute === undefined) return members
    members.push(...textsOf(values))
    const [, last] = /^member;range=\d+-(\d+)$/i.exec(attribute) ?? []
    if (last === undefined) return members
    if (asked >= MOST_RANGES) throw new DirectoryAway(`${group.dn} has too many members`)
    part = await read(`member;range=${Number(last) + 1}-*`)
  }
  return members
}

/** Saying goodbye to a server that is gone fails, and that is all there is to it. */
const leave = async (client: Client): Promise<void> => {
  await client.unbind().catch((error: unknown) => {
    if (!(error instanceof Error)) throw error
  })
}

export const away = (url: string, error: unknown): DirectoryAway => {
  if (error instanceof DirectoryAway) return error
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) }
  // `InvalidCredentialsError: ` with nothing more is what some servers say.
  const what =
    message.trim() === '' || message === '80090308' ? name : `${name === 'Error' ? '' : `${name}: `}${message}`
  return new DirectoryAway(`${url}: ${what}`.slice(0, 900), { cause: error })
}

/** Whom the certificate must be for. An address is no server name (RFC 6066 3). */
const nameOf = (url: string): { host: string; servername?: string } => {
  const host = new URL(url).hostname.replaceAll(/[[\]]/g, '')
  return isIP(host) === 0 ? { host, servername: host } : { host }
}
