import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { Passwords } from '#infra/credentials/passwords'
import { accountStream } from '#domain/account/events'
import { aggregates } from '#infra/commands/aggregates'
import { loadConfig, type Config } from '#infra/config/load'
import { temporaryFolder } from '#test/dsl/temporary'
import { firstStart, plannedFirstStart } from './first-start.ts'
import { openFoundation, type Foundation } from './foundation.ts'

const configIn = (data: string, settings: Readonly<Record<string, string>> = {}): Config => {
  const loaded = loadConfig({
    cwd: data,
    env: { MAILKEEP_DATA: data, MAILKEEP_HOSTNAME: 'mx.example.test', ...settings },
  })
  if (!('ok' in loaded)) throw new Error(JSON.stringify(loaded.problems))
  return loaded.ok
}

/** Opens the data, works on it, and closes it again, as one life of the process does. */
const oneLife = async <Result>(config: Config, work: (foundation: Foundation) => Promise<Result>): Promise<Result> => {
  const foundation = await openFoundation({ config, logger: pino({ level: 'silent' }) })
  try {
    return await work(foundation)
  } finally {
    await foundation.close()
  }
}

const begin = (foundation: Foundation, commands = foundation.commands) =>
  firstStart({ ...foundation, commands, passwords: new Passwords(foundation.secrets) })

/** The same commands, until the power goes after `left` of them. */
const untilPowerCut = ({ commands }: Foundation, left: number): Foundation['commands'] => {
  const spend = (): void => {
    if (left-- === 0) throw new Error('the power went')
  }
  return Object.assign(Object.create(commands) as Foundation['commands'], {
    hostedDomain: async (...given: Parameters<typeof commands.hostedDomain>) => {
      spend()
      return commands.hostedDomain(...given)
    },
    account: async (...given: Parameters<typeof commands.account>) => {
      spend()
      return commands.account(...given)
    },
  })
}

const opens = async ({ secrets, states }: Foundation, address: string, password: string): Promise<boolean> => {
  const { state } = await states.loadNewest(aggregates.account, accountStream(address))
  return new Passwords(secrets).verify(address, state?.password ?? null, password)
}

it('makes the demo once, with passwords that are shown once', async () => {
  const config = configIn(await temporaryFolder())
  const shown = await oneLife(config, async (foundation) => {
    const made = await begin(foundation)
    await made?.finished()
    return made
  })
  expect(shown).toMatchObject({ demo: true, domain: 'mailkeep.test' })
  expect(shown?.credentials.map(({ address }) => address.split('@')[0])).toEqual(['admin', 'officer', 'ann', 'ben'])
  await oneLife(config, async (foundation) => {
    for (const { address, password } of shown!.credentials)
      expect(await opens(foundation, address, password)).toBe(true)
    expect(await opens(foundation, 'ann@mailkeep.test', 'not this one')).toBe(false)
    expect(await begin(foundation)).toBeNull()
  })
})

it('is made again from its beginning when it was interrupted, wherever that was', async () => {
  for (const left of [1, 3, 8]) {
    const config = configIn(await temporaryFolder(), { MAILKEEP_DEMO_PASSWORD: 'a password of the demo' })
    await expect(
      oneLife(config, (foundation) => begin(foundation, untilPowerCut(foundation, left))),
      `after ${left} commands`,
    ).rejects.toThrow('the power went')
    await oneLife(config, async (foundation) => {
      const made = await begin(foundation)
      await made?.finished()
      expect(made?.credentials).toHaveLength(4)
      for (const { address, password } of made!.credentials)
        expect(await opens(foundation, address, password), `${address} after ${left} commands`).toBe(true)
      expect(await begin(foundation)).toBeNull()
    })
  }
}, 60_000)

it('shows passwords that count when the start before it failed after they were made', async () => {
  const config = configIn(await temporaryFolder())
  const lost = await oneLife(config, (foundation) => begin(foundation))
  await oneLife(config, async (foundation) => {
    const shown = await begin(foundation)
    await shown?.finished()
    const [admin] = shown!.credentials
    expect(await opens(foundation, admin!.address, admin!.password)).toBe(true)
    expect(await opens(foundation, admin!.address, lost!.credentials[0]!.password)).toBe(false)
  })
  expect(existsSync(join(config.data, 'first-start.begun'))).toBe(false)
})

it('makes the domain that is asked for, and nothing where none is and the demo is off', async () => {
  const named = configIn(await temporaryFolder(), {
    MAILKEEP_DOMAIN: 'example.org',
    MAILKEEP_ADMIN_PASSWORD: 'a password',
  })
  await oneLife(named, async (foundation) => {
    const made = await begin(foundation)
    expect(made).toMatchObject({
      demo: false,
      domain: 'example.org',
      credentials: [{ address: 'admin@example.org', given: true }],
    })
    expect(await opens(foundation, 'admin@example.org', 'a password')).toBe(true)
  })
  const none = configIn(await temporaryFolder(), { MAILKEEP_DEMO_MODE: 'off' })
  await oneLife(none, async (foundation) => {
    expect(await plannedFirstStart(foundation)).toBeNull()
    expect(await begin(foundation)).toBeNull()
    expect(await foundation.log.lastPosition()).toBeNull()
  })
})

it('is none where the log has events of an installation', async () => {
  const config = configIn(await temporaryFolder(), { MAILKEEP_DEMO_MODE: 'off' })
  await oneLife(config, async ({ commands, clock }) => {
    await commands.hostedDomain(
      'example.org',
      { kind: 'add-domain', name: 'example.org', settings: {} },
      { actor: { kind: 'system', part: 'spec' }, now: clock(), commandId: 'one', correlationId: 'one' },
    )
  })
  await oneLife(configIn(config.data), async (foundation) => expect(await plannedFirstStart(foundation)).toBeNull())
})
