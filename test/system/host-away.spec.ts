import { readFile } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { signIn, type HttpClient } from '#test/dsl/http-client'
import { openRecipientHost } from '#test/dsl/recipient-host'
import { SERVER_PASSWORD, startServer } from '#test/dsl/server'
import { temporaryFolder } from '#test/dsl/temporary'
import { greeted, mailIdIn, mailOn, memoryOf, plainMail, until } from './observing.ts'

const FULL = process.env['MAILKEEP_TEST_FULL'] === '1'
const MAILS = Number(process.env['MAILKEEP_TEST_WAITING'] ?? (FULL ? 10_000 : 1_000))
const CLIENTS = 8
const PER_CONNECTION = 500
const MEGABYTE = 1024 * 1024
const ANN = 'ann@mailkeep.test'

/** Takes numbers off `left` until none is left; answers the subjects that got their 250. */
const sender = async (port: number, left: { number: number }, taken: Set<string>): Promise<void> => {
  while (left.number > 0) {
    const client = await greeted(port)
    for (let count = 0; count < PER_CONNECTION && left.number > 0; count++) {
      const subject = `waiting-${left.number--}`
      // Inspection is slower than acceptance: a backlog that is full is no failure.
      await until(
        `a 250 for ${subject}`,
        async () => mailIdIn(await mailOn(client, [ANN], plainMail(subject))),
        120_000,
      )
      taken.add(subject)
    }
    client.destroy()
  }
}

/** What waits, by its cause. */
const queue = async (admin: HttpClient): Promise<ReadonlyMap<string | null, number>> => {
  const found = new Map<string | null, number>()
  for (let cursor = ''; ;) {
    const { body } = await admin.ask('GET', `/queue?limit=500${cursor}`)
    for (const { cause } of body['items'] as { cause: string | null }[]) found.set(cause, (found.get(cause) ?? 0) + 1)
    if (typeof body['next'] !== 'string') return found
    cursor = `&cursor=${encodeURIComponent(body['next'])}`
  }
}

/** Seconds of a processor that the process has used (proc(5): utime and stime, in hundredths). */
const processorTime = async (pid: number): Promise<number> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

it(`keeps ${MAILS} mails for a host that is away for hardly more than disk, and delivers each once when it is back`, async () => {
  const host = await openRecipientHost(ANN)
  onTestFinished(() => host.stop())
  const folder = await temporaryFolder()
  const receiving = await startServer(folder)
  const before = await memoryOf(receiving.pid)
  const owner = await signIn(receiving.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  const changes = { mailboxHost: `lmtp://127.0.0.1:${host.port}?tls=off` }
  expect((await owner.ask('PATCH', '/domains/mailkeep.test', changes)).status).toBe(200)
  await host.stop()

  const left = { number: MAILS }
  const taken = new Set<string>()
  await Promise.all(Array.from({ length: CLIENTS }, () => sender(receiving.mx, left, taken)))
  await until('all to wait', async () => (await queue(owner)).get('host-away') === MAILS, 600_000)
  expect(await receiving.stop()).toBe(0)

  // Started again: what this process has, it has for the mails that wait, not from taking and inspecting them.
  const server = await startServer(folder)
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  expect((await queue(admin)).get('host-away')).toBe(MAILS)
  const [idleFrom, cpuFrom] = [performance.now(), await processorTime(server.pid)]
  await sleep(20_000)
  const load = ((await processorTime(server.pid)) - cpuFrom) / ((performance.now() - idleFrom) / 1_000)
  const after = await memoryOf(server.pid)

  const back = performance.now()
  await host.start()
  await until('the first to be delivered', () => host.delivered.length > 0, 60_000)
  const first = performance.now()
  await until('all to be delivered', () => host.delivered.length >= MAILS, 600_000)
  const drained = performance.now()
  await until('an empty queue', async () => (await queue(admin)).size === 0, 120_000)

  const subjects = host.delivered.map(({ content }) => /^Subject: (waiting-\d+)$/m.exec(content)?.[1] ?? content)
  expect(subjects).toHaveLength(MAILS)
  expect(new Set(subjects)).toEqual(taken)
  // Caches of the log and the views, of a fixed size each: the first look at the queue fills them.
  expect(after - before).toBeLessThan(200 * MEGABYTE)
  console.log(
    `host away: ${MAILS} mails waited; memory ${(before / MEGABYTE).toFixed(0)} MB with none, ${(after / MEGABYTE).toFixed(0)} MB with them; ${(load * 100).toFixed(1)} % of a processor while waiting; first delivered after ${((first - back) / 1_000).toFixed(1)} s, all ${((drained - first) / 1_000).toFixed(1)} s later (${Math.round((MAILS * 1_000) / (drained - first))} a second)`,
  )
  expect(await server.stop()).toBe(0)
})
