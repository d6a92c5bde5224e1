import { expect, it, onTestFinished, vi } from 'vitest'
import { mailkeep } from '#test/dsl/command-line'
import { startEventStore } from '#test/dsl/eventstore-double/start'
import { eventStoreSettings, startDemo } from '#test/dsl/mailkeep'

interface Trace {
  readonly recipients: readonly { readonly address: string; readonly state: string }[]
}

/** They are the engine's own. */
const withoutPositions = (json: string): Trace =>
  JSON.parse(json, (key, value: unknown) => (key === 'position' ? undefined : value)) as Trace

it('moves from SQLite to EventStoreDB and back, and everything is as it was', { timeout: 90_000 }, async () => {
  const server = await startEventStore()
  onTestFinished(() => server.close())
  const onEventStore = eventStoreSettings(server)
  const onSqlite = { ...onEventStore, MAILKEEP_LOG_ENGINE: 'sqlite' }

  const demo = await startDemo(onSqlite)
  const { data } = demo
  const common = {
    MAILKEEP_DATA: data,
    MAILKEEP_HOSTNAME: 'mx.mailkeep.test',
    MAILKEEP_MX_PORT: '0',
    MAILKEEP_HTTP_PORT: '0',
  }
  const run = (engine: Readonly<Record<string, string>>, line: string) =>
    mailkeep(line.split(' '), { env: { ...common, ...engine }, cwd: data })
  const trace = async (engine: Readonly<Record<string, string>>, mail: string) =>
    withoutPositions((await run(engine, `mail trace ${mail} --json`)).stdout)
  const sent = await run(onSqlite, 'send --json')
  const { mail } = sent.json<{ mail: string }>()
  await vi.waitFor(
    async () => expect((await trace(onSqlite, mail)).recipients).toMatchObject([{ state: 'delivered' }]),
    20_000,
  )
  expect((await run(onSqlite, 'log copy --from sqlite --to eventstore')).stderr).toContain('in use')
  const before = await trace(onSqlite, mail)
  await demo.stop()

  const copied = (await run(onSqlite, 'log copy --from sqlite --to eventstore --json')).json<{ copied: number }>()
  expect(copied.copied).toBeGreaterThan(10)
  expect((await run(onEventStore, 'log verify')).stdout).toContain('The log is intact')

  const moved = await startDemo({ ...onEventStore, MAILKEEP_DATA: data })
  await vi.waitFor(async () => expect(await trace(onEventStore, mail)).toEqual(before), 20_000)
  await moved.stop()

  const back = await run(onEventStore, 'log copy --from eventstore --to sqlite --json')
  expect(back.json<{ found: number }>().found).toBe(copied.copied)
  expect((await run(onSqlite, 'log verify')).stdout).toContain('The log is intact')
})
