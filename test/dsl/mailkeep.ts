import { afterEach } from 'vitest'
import { pino } from 'pino'
import { loadConfig } from '#infra/config/load'
import { startMailkeep, type ListenerName, type Mailkeep } from '#apps/mailkeep/mailkeep'
import type { EventStoreDouble } from './eventstore-double/server.ts'
import { startEventStore } from './eventstore-double/start.ts'
import { temporaryFolder } from './temporary.ts'

const running: Mailkeep[] = []

export const PASSWORD = 'correct-horse-battery'

/** A whole Mailkeep in this process on the embedded engines: the demo, on free ports, with known passwords. */
export type Demo = Mailkeep & { port(name: ListenerName): number; data: string }

/** `clock`: what it takes for the time, where a story moves it. */
export const startDemo = async (
  settings: Readonly<Record<string, string>> = {},
  { clock }: { readonly clock?: () => number } = {},
): Promise<Demo> => {
  const data = settings['MAILKEEP_DATA'] ?? (await temporaryFolder())
  const loaded = loadConfig({
    cwd: data,
    env: {
      MAILKEEP_DATA: data,
      MAILKEEP_HOSTNAME: 'mx.mailkeep.test',
      MAILKEEP_MX_PORT: '0',
      MAILKEEP_SUBMISSION_PORT: 'off',
      MAILKEEP_SUBMISSIONS_PORT: 'off',
      MAILKEEP_HTTP_PORT: '0',
      MAILKEEP_ADMIN_PASSWORD: PASSWORD,
      MAILKEEP_DEMO_PASSWORD: PASSWORD,
      // Nobody answers there: what hangs on DNS is temperror at once.
      MAILKEEP_DNS_SERVERS: '127.0.0.1:1',
      ...(await engineOfRun(data)),
      ...settings,
    },
  })
  if (!('ok' in loaded)) throw new Error(JSON.stringify(loaded.problems))
  const level = process.env['MAILKEEP_TEST_LOG'] ?? 'silent'
  const mailkeep = await startMailkeep({
    config: loaded.ok,
    logger: pino({ level }),
    ...(clock === undefined ? {} : { clock }),
  })
  running.push(mailkeep)
  await mailkeep.ready()
  const port = (name: ListenerName) => {
    const listener = mailkeep.listeners.find((one) => one.name === name)
    if (listener === undefined) throw new Error(`${name} does not listen`)
    return listener.port
  }
  return { ...mailkeep, port, data }
}

/** One server per data folder, so that what is started again finds its log. */
const servers = new Map<string, EventStoreDouble>()

/** `MAILKEEP_TEST_LOG_ENGINE=eventstore` tells every story on EventStoreDB, on a double of it. */
export const engineOfRun = async (data: string): Promise<Record<string, string>> => {
  if (process.env['MAILKEEP_TEST_LOG_ENGINE'] !== 'eventstore') return {}
  const server = servers.get(data) ?? (await startEventStore())
  servers.set(data, server)
  return eventStoreSettings(server)
}

export const eventStoreSettings = ({ connectionString }: EventStoreDouble): Record<string, string> => ({
  MAILKEEP_LOG_ENGINE: 'eventstore',
  MAILKEEP_EVENTSTORE_URL: connectionString,
})

afterEach(async () => {
  for (const mailkeep of running.splice(0)) await mailkeep.stop()
  for (const server of servers.values()) await server.close()
  servers.clear()
})
