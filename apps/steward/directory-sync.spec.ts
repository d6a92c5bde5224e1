import { pino } from 'pino'
import { beforeEach, describe, expect, it } from 'vitest'
import { HOUR, MINUTE } from '#domain/kernel/instant'
import type { DirectoryEntry } from '#domain/hosted-domain/directory-plan'
import type { RecipientSource } from '#domain/hosted-domain/recipient-source'
import { DirectoryAway, type DirectorySource } from '#infra/directory-source/port'
import type { DomainRow } from '#projections/directory/tables'
import { installation } from '#test/dsl/api-installation'
import { syncDirectories, type SyncParts } from './directory-sync.ts'

const here = installation()
const never = new AbortController().signal
const ldap: RecipientSource = {
  kind: 'ldap',
  url: 'ldap://directory.test',
  startTls: false,
  verifyCertificate: true,
  bindDn: '',
  password: null,
  base: 'dc=test',
  userFilter: '(objectClass=user)',
  groupFilter: '(objectClass=group)',
}

/** What the directory has now; null: it is away. */
let directory: DirectoryEntry[] | null
let domain: string
let domains = 0

const source: DirectorySource = {
  lookUp: async () => ({ kind: 'away', reason: 'not asked here' }),
  everything: async () => {
    if (directory === null) throw new DirectoryAway('ldap://directory.test: connection refused')
    return directory
  },
  close: async () => {},
}
const parts = (changes: Partial<SyncParts> = {}): SyncParts => {
  const { parts: api, clock } = here.api
  const logger = pino({ level: 'silent' })
  return { ...api, log: api.events, clock: () => clock.now, logger, sources: { directory: () => source }, ...changes }
}
const tell = async (command: Parameters<SyncParts['commands']['hostedDomain']>[1]) => {
  await here.api.parts.commands.hostedDomain(domain, command, here.api.asked())
  await here.api.settled()
}
const sync = async (changes: Partial<SyncParts> = {}, signal = never): Promise<DomainRow> => {
  await syncDirectories(parts(changes), signal)
  await here.api.settled()
  return row()
}
const row = (): DomainRow => here.api.parts.views.get<DomainRow>('directory', 'domains', [domain])!
const accounts = (): string[] =>
  here.api.parts.views
    .select<{ address: string }>(
      'directory',
      'SELECT address FROM {accounts} WHERE domain = :domain ORDER BY address',
      {
        domain,
      },
    )
    .map(({ address }) => address.split('@')[0] ?? '')
const people = (...locals: readonly string[]): DirectoryEntry[] =>
  locals.map((local) => ({ kind: 'account', address: `${local}@${domain}`, displayName: local, aliases: [] }))

beforeEach(async () => {
  domain = `copy${domains++}.test`
  await tell({ kind: 'add-domain', name: domain, settings: { recipientSource: ldap } })
  directory = people('ann', 'ben', 'cora', 'dora', 'emil')
})

describe('the copy of an LDAP directory', () => {
  it('is made at once, and again in the night', async () => {
    const { now } = here.api.clock
    const first = await sync()
    expect(accounts()).toEqual(['ann', 'ben', 'cora', 'dora', 'emil'])
    expect(first).toMatchObject({ syncedAt: now, syncProblem: null })
    const night = first.syncDueAt ?? 0
    expect([night > now, night <= now + 24 * HOUR, night % (24 * HOUR)]).toEqual([true, true, 2 * HOUR])

    directory = people('ann', 'ben', 'cora', 'dora', 'fred')
    await sync()
    expect(accounts()).not.toContain('fred')
    here.api.clock.now = night
    expect((await sync()).syncDueAt).toBe(night + 24 * HOUR)
    expect(accounts()).toEqual(['ann', 'ben', 'cora', 'dora', 'fred'])
  })

  it('is tried again soon when the directory is away, and takes nothing away', async () => {
    await sync()
    directory = null
    await tell({ kind: 'request-sync', acceptRemovals: true })
    const { now } = here.api.clock
    expect(await sync()).toMatchObject({
      syncProblem: 'ldap://directory.test: connection refused',
      syncDueAt: now + 15 * MINUTE,
    })
    expect(accounts()).toHaveLength(5)
  })

  it('stops before it takes more than a fifth away, until somebody says that it is right', async () => {
    await sync()
    directory = people('ann', 'ben', 'cora')
    await tell({ kind: 'request-sync', acceptRemovals: false })
    expect((await sync()).syncProblem).toContain(`mailkeep domain sync ${domain} --accept-removals`)
    expect(accounts()).toHaveLength(5)
    await tell({ kind: 'request-sync', acceptRemovals: true })
    expect((await sync()).syncProblem).toBeNull()
    expect(accounts()).toEqual(['ann', 'ben', 'cora'])
    // An acceptance holds once.
    directory = []
    await tell({ kind: 'request-sync', acceptRemovals: false })
    expect((await sync()).syncProblem).toContain('3 of 3')
  })

  it('is made by one node at a time', async () => {
    let reads = 0
    const slow = { ...source, everything: async () => (reads++, source.everything(never)) }
    const node = () => syncDirectories(parts({ sources: { directory: () => slow } }), never)
    await Promise.all([node(), node(), node()])
    await here.api.settled()
    expect(reads).toBe(1)
    expect(accounts()).toHaveLength(5)
  })

  it('goes on where it was interrupted', async () => {
    const stopping = new AbortController()
    const { commands } = here.api.parts
    const dying = Object.create(commands) as typeof commands
    dying.hostedDomain = async (...asked) => {
      const outcome = await commands.hostedDomain(...asked)
      if (asked[1].kind === 'adopt-addresses') stopping.abort()
      return outcome
    }
    const interrupted = await sync({ commands: dying }, stopping.signal)
    expect([accounts(), interrupted.syncedAt, interrupted.syncDueAt]).toEqual([[], null, here.api.clock.now])
    expect(await sync()).toMatchObject({ syncProblem: null })
    expect(accounts()).toHaveLength(5)
  })
})
