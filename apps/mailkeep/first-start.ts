import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Declined, isDeclined } from '#domain/kernel/decider'
import { domainOf } from '#domain/message/mailbox'
import type { Role } from '#domain/account/events'
import type { Passwords } from '#infra/credentials/passwords'
import type { Commands } from '#infra/commands/commands'
import { ensureDkimKeys, type DkimKeys } from '#infra/commands/dkim-keys'
import type { HostedDomains } from '#infra/commands/hosted-domains'
import { createDurably } from '#infra/config/durable-file'
import type { Config } from '#infra/config/load'
import type { SecretKey } from '#infra/config/secret-key'
import type { EventLog } from '#infra/event-log/port'

export const DEMO_DOMAIN = 'mailkeep.test'

export interface FirstStartParts {
  readonly config: Config
  readonly log: Pick<EventLog, 'lastPosition'>
  readonly commands: Commands
  readonly hostedDomains: HostedDomains
  readonly dkimKeys: DkimKeys
  readonly secrets: Pick<SecretKey, 'seal'>
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

type Plan = { readonly demo: boolean; readonly domain: string }

/** What a first start would make; null: this is none, or nothing is asked for. */
export const plannedFirstStart = async ({
  config,
  log,
}: Pick<FirstStartParts, 'config' | 'log'>): Promise<Plan | null> => {
  const { begun, done } = marks(config)
  if (existsSync(done)) return null
  if ((await log.lastPosition()) !== null && !existsSync(begun)) return null
  if (config.domain !== null) return { demo: false, domain: config.domain }
  return config.demo.mode === 'auto' ? { demo: true, domain: DEMO_DOMAIN } : null
}

/**
 * The very first start (interface.md §2): the demo's domain and people, or the domain that `domain` names with its administrator. It is over
 * when `finished` has been called, once the start has succeeded and the passwords can be shown: one that was interrupted before is made
 * again from its beginning, with passwords of its own. null when this is no first start.
 */
export const firstStart = async (
  parts: FirstStartParts,
): Promise<(FirstStart & { readonly finished: () => Promise<void> }) | null> => {
  const { config } = parts
  const plan = await plannedFirstStart(parts)
  if (plan === null) return null
  const { begun, done } = marks(config)
  await createDurably(begun, `${new Date(parts.clock()).toISOString()}\n`, 0o600)
  const { demo, domain } = plan
  const accounts = demo ? demoAccounts(config) : [administrator(config, domain)]
  await make(parts, domain, accounts)
  if (demo) await subscribe(parts)
  const asked = { actor: ACTOR, now: parts.clock(), correlationId: 'first-start' }
  const made = await ensureDkimKeys(parts, domain, demo ? { ...asked, signing: 'demo' } : asked)
  accept(made)
  return {
    demo,
    domain,
    credentials: accounts.map(({ address, role, password, given }) => ({ address, role, password, given })),
    finished: async () => {
      await createDurably(done, `${new Date(parts.clock()).toISOString()}\n`, 0o600)
      await rm(begun, { force: true })
    },
  }
}

const marks = ({ data }: Config) => ({ begun: join(data, 'first-start.begun'), done: join(data, 'first-start.done') })

/** A demo may only listen on loopback, at every start (interface.md §2). */
export const isDemo = (hostedDomains: HostedDomains): boolean => hostedDomains.current(DEMO_DOMAIN) !== null

const ACTOR = { kind: 'system', part: 'first-start' } as const

const make = async (
  { clock, commands, passwords }: FirstStartParts,
  domain: string,
  accounts: readonly FirstAccount[],
): Promise<void> => {
  const asked = (step: string) => ({
    actor: ACTOR,
    now: clock(),
    commandId: `first-start/${step}`,
    correlationId: 'first-start',
  })
  const asker = { kind: 'system' } as const
  accept(await commands.hostedDomain(domain, { kind: 'add-domain', name: domain, settings: {} }, asked(domain)))
  const hashes = await Promise.all(accounts.map(({ address, password }) => passwords.seal(address, password)))
  for (const [index, { address, displayName, roles }] of accounts.entries()) {
    const hash = hashes[index]!
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
    accept(
      await commands.account(
        address,
        { kind: 'set-password', hash, asker, approved: true },
        asked(`password ${address} ${clock()}`),
      ),
    )
  }
}

/** The archive has something to show, and ben's mail something that it has not. */
const subscribe = async ({ clock, commands }: FirstStartParts): Promise<void> => {
  const ann = `ann@${DEMO_DOMAIN}`
  accept(
    await commands.archive(
      ann,
      { kind: 'set-subscription', subscribed: true, asker: { kind: 'system' } },
      { actor: ACTOR, now: clock(), commandId: `first-start/subscribe ${ann}`, correlationId: 'first-start' },
    ),
  )
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
