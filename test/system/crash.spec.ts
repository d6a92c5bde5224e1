import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { signIn, type HttpClient } from '#test/dsl/http-client'
import { SERVER_PASSWORD, startServer, type Server } from '#test/dsl/server'
import { temporaryFolder } from '#test/dsl/temporary'
import { seeded, startLoad, type Acknowledged } from './load.ts'

const POINTS = Number(process.env['MAILKEEP_TEST_CRASHES'] ?? (process.env['MAILKEEP_TEST_FULL'] === '1' ? 200 : 20))
const SEED = 20_261_124

/** Subjects in a mailbox, read or not. */
const delivered = async (server: Server, address: string): Promise<string[]> => {
  const [local = ''] = address.split('@')
  const found: string[] = []
  for (const part of ['new', 'cur']) {
    const folder = join(server.data, 'mailboxes', 'mailkeep.test', local, part)
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    for (const name of names)
      found.push(/^Subject: (.*)\r$/m.exec(await readFile(join(folder, name), 'latin1'))?.[1] ?? name)
  }
  return found
}

const settled = async (admin: HttpClient, mails: readonly Acknowledged[]): Promise<void> => {
  const deadline = Date.now() + 120_000
  for (const { id, recipients } of mails) {
    for (;;) {
      const { status, body } = await admin.ask('GET', `/mails/${id}`)
      expect(status, `mail ${id} was acknowledged`).toBe(200)
      const states = (body['recipients'] as { mailbox: string; state: string }[]).map(
        ({ mailbox, state }) => `${mailbox} ${state}`,
      )
      if (states.every((state) => state.endsWith(' delivered'))) {
        expect(states.toSorted()).toEqual(recipients.map((mailbox) => `${mailbox} delivered`).toSorted())
        break
      }
      if (Date.now() > deadline)
        throw new Error(
          `mail ${id} has no outcome: ${states.join(', ')}\n${JSON.stringify((body['events'] as { type: string; occurredAt: string }[]).map(({ type, occurredAt }) => [type, occurredAt]))}`,
        )
      await sleep(50)
    }
  }
}

it(`loses nothing that got a 250, and delivers nothing twice, when killed at ${POINTS} points under load`, async () => {
  const folder = await temporaryFolder()
  const random = seeded(SEED)
  const all: Acknowledged[] = []
  for (let point = 0; point < POINTS; point++) {
    const server = await startServer(folder)
    const load = startLoad(server.mx, 8, `p${point}`, random)
    await sleep(100 + Math.floor(random() * 900))
    await server.kill()
    await load.stop()
    all.push(...load.acknowledged)
  }
  const server = await startServer(folder)
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  await settled(admin, all).catch((error: Error) => {
    throw new Error(`${error.message}\n${server.output().slice(-4_000)}`)
  })
  expect(all.length).toBeGreaterThan(POINTS * 10)

  for (const address of new Set(all.flatMap(({ recipients }) => recipients))) {
    const subjects = await delivered(server, address)
    const counted = new Map<string, number>()
    for (const subject of subjects) counted.set(subject, (counted.get(subject) ?? 0) + 1)
    expect(
      [...counted].filter(([, times]) => times > 1),
      `twice in the Maildir of ${address}`,
    ).toEqual([])
    const missing = all.filter(({ key, recipients }) => recipients.includes(address) && !counted.has(key))
    expect(missing, `missing in the Maildir of ${address}`).toEqual([])
  }
  expect(await server.stop()).toBe(0)
  console.log(`crash: ${POINTS} kills, ${all.length} mails acknowledged, every one delivered once per recipient`)
})
