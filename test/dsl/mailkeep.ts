import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { pino } from 'pino'
import { loadConfig } from '#infra/config/load'
import { startMailkeep, type ListenerName, type Mailkeep } from '#apps/mailkeep/mailkeep'
import type { EventStoreDouble } from './eventstore-double/server.ts'
import { startEventStore } from './eventstore-double/start.ts'
import { temporaryFolder, type AtTheEnd } from './temporary.ts'

export const PASSWORD = 'correct-horse-battery'

/** A whole Mailkeep in this process on the embedded engines: the demo, on free ports, with known passwords. */
export type Demo = Mailkeep & { port(name: ListenerName): number; data: string }

interface DemoOptions {
  /** What it takes for the time, where a story moves it. */
  readonly clock?: () => number
  readonly atTheEnd?: AtTheEnd
}

export const startDemo = async (
  settings: Readonly<Record<string, string>> = {},
  { clock, atTheEnd = onTestFinished }: DemoOptions = {},
): Promise<Demo> => {
  const data = settings['MAILKEEP_DATA'] ?? (await temporaryFolder(atTheEnd))
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
      ...(await engineOfRun(data, atTheEnd)),
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
  atTheEnd(() => mailkeep.stop())
  await mailkeep.ready()
  const port = (name: ListenerName) => {
    const listener = mailkeep.listeners.find((one) => one.name === name)
    if (listener === undefined) throw new Error(`${name} does not listen`)
    return listener.port
  }
  return { ...mailkeep, port, data }
}

/** One demo for all stories of a file, each of which finds what those before it left. */
export const sharedDemo = (settings: Readonly<Record<string, string>> = {}): { readonly demo: Demo } => {
  const here: { demo?: Demo } = {}
  const ends: (() => void | Promise<void>)[] = []
  beforeAll(async () => {
    here.demo = await startDemo(settings, { atTheEnd: (end) => void ends.push(end) })
  })
  afterAll(async () => {
    for (const end of ends.reverse()) await end()
  })
  return {
    get demo(): Demo {
      if (here.demo === undefined) throw new Error('the demo is started in beforeAll')
      return here.demo
    },
  }
}

/** One server per data folder, so that what is started again finds its log. */
const servers = new Map<string, EventStoreDouble>()

/** `MAILKEEP_TEST_LOG_ENGINE=eventstore` tells every story on EventStoreDB, on a double of it. */
export const engineOfRun = async (
  data: string,
  atTheEnd: AtTheEnd = onTestFinished,
): Promise<Record<string, string>> => {
  if (process.env['MAILKEEP_TEST_LOG_ENGINE'] !== 'eventstore') return {}
  const known = servers.get(data)
  if (known !== undefined) return eventStoreSettings(known)
  const server = await startEventStore()
  servers.set(data, server)
  atTheEnd(() => {
    servers.delete(data)
    return server.close()
  })
  return eventStoreSettings(server)
}

export const eventStoreSettings = ({ connectionString }: EventStoreDouble): Record<string, string> => ({
  MAILKEEP_LOG_ENGINE: 'eventstore',
  MAILKEEP_EVENTSTORE_URL: connectionString,
})
