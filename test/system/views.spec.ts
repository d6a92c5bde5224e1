import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { signIn } from '#test/dsl/http-client'
import { runMailkeep, SERVER_PASSWORD, startServer } from '#test/dsl/server'
import { temporaryFolder } from '#test/dsl/temporary'
import { fromOutside, seeded, startLoad } from './load.ts'
import { alarmsIn, health, mailIdIn, outcomesOf, plainMail, sendMail, subjectsIn, until } from './observing.ts'

interface ReadyView {
  readonly name: string
  readonly state: string
  readonly stopped: string | null
}

/** Another event of a kind the log has, with other bytes in it: what a bug, or a hand, may have written. */
const appendByHand = (path: string, stream: string, type: string, data: object): string => {
  const log = new DatabaseSync(path)
  try {
    const [category = ''] = stream.split('-')
    const kind = log.prepare('SELECT id FROM kinds WHERE category = ? AND type = ?').get(category, type)
    const last = log.prepare('SELECT max(position) AS position FROM events').get()
    const like = log.prepare('SELECT version, metadata FROM events WHERE kind = ? LIMIT 1').get(Number(kind?.['id']))
    const revision = Number(
      log.prepare('SELECT coalesce(max(revision), -1) + 1 AS next FROM events WHERE stream = ?').get(stream)?.['next'],
    )
    log
      .prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(
        Number(last?.['position']) + 1,
        stream,
        revision,
        Number(kind?.['id']),
        Number(like?.['version']),
        Date.now(),
        `00000000-0000-4000-8000-${String(revision).padStart(12, '0')}`,
        String(like?.['metadata']),
        JSON.stringify(data),
      )
    return `${stream}@${revision}`
  } finally {
    log.close()
  }
}

const readiness = async (server: Parameters<typeof health>[0]): Promise<{ problems: string[]; views: ReadyView[] }> => {
  const { text } = await health(server, 'ready')
  const { problems, projections } = JSON.parse(text) as { problems: string[]; projections: ReadyView[] }
  return { problems, views: projections }
}

it('stops one view at an event it can not take, names the event, and lets everything else go on', async () => {
  const folder = await temporaryFolder()
  const first = await startServer(folder)
  expect(await sendMail(first.mx, ['nobody@mailkeep.test'], '')).toMatch(/^550 5\.1\.1 /)
  expect(await first.stop()).toBe(0)
  const event = appendByHand(join(first.data, 'log', 'events.db'), 'refusals-byhand-2026-11-24', 'Refused', {
    id: 'by-hand',
    stage: 'rcpt',
    client: null,
    count: 1,
  })

  const server = await startServer(folder)
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  const { problems, views } = await until('the view to stop', async () => {
    const ready = await readiness(server)
    return ready.problems.length > 0 && ready
  })
  expect((await health(server, 'ready')).status).toBe(503)
  expect(problems).toEqual([expect.stringContaining(event)])
  expect(views.filter(({ state }) => state === 'stopped').map(({ name }) => name)).toEqual(['refusals'])
  expect(server.output()).toContain(event)
  await until('the alarm', async () => (await alarmsIn(admin, 'raised')).includes('projection-stopped refusals'))

  const id = mailIdIn(await sendMail(server.mx, ['ann@mailkeep.test'], plainMail('goes on')))
  expect((await outcomesOf(admin, id ?? '')).map(({ state }) => state)).toEqual(['delivered'])
  const listed = await runMailkeep(['projection', 'list'], folder)
  expect(listed).toMatchObject({ code: 0, output: expect.stringContaining('stopped') })
  // Trying again does not make it better, and says so.
  const rebuilt = await runMailkeep(['projection', 'rebuild', 'refusals'], folder)
  expect(rebuilt).toMatchObject({ code: 1, output: expect.stringContaining(event) })
  expect(await server.stop()).toBe(0)
})

it('builds its views anew when they were thrown away, and while mail flows, and they say the same', async () => {
  const folder = await temporaryFolder()
  const first = await startServer(folder)
  const before = startLoad(fromOutside(first), 4, 'before', seeded(7))
  await until('some mail', () => before.acknowledged.length >= 60)
  await before.stop()
  expect(await first.stop()).toBe(0)
  await rm(join(first.data, 'views'), { recursive: true })

  const server = await startServer(folder)
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  const during = startLoad(fromOutside(server), 4, 'during', seeded(8))
  for (const view of ['mail-trace', 'delivery-queue', 'inspection-queue', 'traffic']) {
    const rebuilt = await runMailkeep(['projection', 'rebuild', view], folder)
    expect(rebuilt).toEqual({ code: 0, output: expect.anything() })
  }
  const taken = during.acknowledged.length
  await until('mail after the rebuilding', () => during.acknowledged.length > taken)
  await during.stop()
  expect(taken).toBeGreaterThan(0)

  const all = [...before.acknowledged, ...during.acknowledged]
  for (const { id } of all)
    expect(new Set((await outcomesOf(admin, id)).map(({ state }) => state))).toEqual(new Set(['delivered']))
  for (const address of ['ann@mailkeep.test', 'ben@mailkeep.test'])
    expect(await subjectsIn(server, address)).toEqual(
      all
        .filter(({ recipients }) => recipients.includes(address))
        .map(({ key }) => key)
        .toSorted(),
    )
  const verified = await runMailkeep(['projection', 'verify'], folder)
  expect(verified).toEqual({ code: 0, output: expect.anything() })
  expect(await server.stop()).toBe(0)
})
