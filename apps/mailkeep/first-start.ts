import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Declined, isDeclined } from '#domain/kernel/decider'
import { domainOf } from '#domain/message/mailbox'
import type { Role } from '#domain/account/events'
import type { Passwords } from '#apps/api/auth/passwords'
import type { Commands } from '#infra/commands/commands'
import type { HostedDomains } from '#infra/commands/hosted-domains'
import type { Config } from '#infra/config/load'
import type { EventLog } from '#infra/event-log/port'

export const DEMO_DOMAIN = 'mailkeep.test'

export interface FirstStartParts {
  readonly config: Config
  readonly log: Pick<EventLog, 'lastPosition'>
  readonly commands: Commands
  readonly hostedDomains: HostedDomains
  readonly passwords: Passwords
  readonly clock: () => number
}

/** What was made, to be printed once. */
export interface FirstStart {
  readonly demo: boolean
  readonly domain: string
  readonly credentials: readonly {
    readonly address: string
    readonly role: string
    readonly password: string
    readonly given: boolean
  }[]
}

interface FirstAccount {
  readonly address: string
  readonly displayName: string
  readonly roles: readonly Role[]
  readonly role: string
  readonly password: string
  readonly given: boolean
}

/**
 * The very first start (interface.md §2): the demo's domain and people, or the domain that `domain` names with its administrator. A start that was
 * interrupted in the middle is made again from its beginning. null when this is no first start.
 */
export const firstStart = async (parts: FirstStartParts): Promise<FirstStart | null> => {
  const { config, log } = parts
  const [begun, done] = [join(config.data, 'first-start.begun'), join(config.data, 'first-start.done')]
  if (existsSync(done)) return null
  if ((await log.lastPosition()) !== null && !existsSync(begun)) return null
  const demo = config.domain === null && config.demo.mode === 'auto'
  if (config.domain === null && !demo) return null
  await mkdir(config.data, { recursive: true })
  await writeFile(begun, `${new Date(parts.clock()).toISOString()}\n`)
  const domain = config.domain ?? DEMO_DOMAIN
  const accounts = demo ? demoAccounts(config) : [administrator(config, domain)]
  await make(parts, domain, accounts)
  await rename(begun, done)
  return {
    demo,
    domain,
    credentials: accounts.map(({ address, role, password, given }) => ({ address, role, password, given })),
  }
}

/** A demo may only listen on loopback, at every start (interface.md §2). */
export const isDemo = (hostedDomains: HostedDomains): boolean => hostedDomains.current(DEMO_DOMAIN) !== null

const make = async (
  { clock, commands, passwords }: FirstStartParts,
  domain: string,
  accounts: readonly FirstAccount[],
): Promise<void> => {
  const asked = (step: string) => ({
    actor: { kind: 'system', part: 'first-start' } as const,
    now: clock(),
    commandId: `first-start/${step}`,
    correlationId: 'first-start',
  })
  const asker = { kind: 'system' } as const
  accept(await commands.hostedDomain(domain, { kind: 'add-domain', name: domain, settings: {} }, asked(domain)))
  for (const { address, displayName, roles, password } of accounts) {
    accept(
      await commands.hostedDomain(domainOf(address), { kind: 'claim-address', address }, asked(`claim ${address}`)),
    )
    const profile = { displayName, timeZone: 'UTC', language: 'en', quota: null }
    const created = await commands.account(
      address,
      { kind: 'create-account', address, profile, roles, asker },
      asked(`create ${address}`),
    )
    if (!(isDeclined(created) && created.code === 'conflict')) accept(created)
    const hash = await passwords.seal(address, password)
    accept(
      await commands.account(
        address,
        { kind: 'set-password', hash, asker, approved: true },
        asked(`password ${address} ${clock()}`),
      ),
    )
  }
}

const accept = (outcome: unknown): void => {
  if (outcome instanceof Declined) throw new Error(`the first start could not be made: ${outcome.reason}`)
}

const demoAccounts = (config: Config): FirstAccount[] => {
  const password = config.demo.password ?? randomPassword()
  const given = config.demo.password !== null
  const person = (local: string, displayName: string, role: string, roles: readonly Role[]): FirstAccount => ({
    address: `${local}@${DEMO_DOMAIN}`,
    displayName,
    role,
    roles,
    password,
    given,
  })
  return [
    administrator(config, DEMO_DOMAIN),
    person('officer', 'Olga Officer', 'compliance officer', ['user', 'compliance']),
    person('ann', 'Ann', 'user', ['user']),
    person('ben', 'Ben', 'user', ['user']),
  ]
}

const administrator = (config: Config, domain: string): FirstAccount => ({
  address: `admin@${domain}`,
  displayName: 'Administrator',
  role: 'administrator',
  roles: ['user', 'admin'],
  password: config.admin.password ?? randomPassword(),
  given: config.admin.password !== null,
})

/** 96 bits, to be typed: no look-alikes. */
const randomPassword = (): string => {
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789'
  const random = randomBytes(20)
  const letters = [...random].map((byte) => alphabet[byte % alphabet.length]!)
  return [0, 5, 10, 15].map((at) => letters.slice(at, at + 5).join('')).join('-')
}
