import { execFileSync } from 'node:child_process'
import { open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it, onTestFinished } from 'vitest'
import { scriptedDns } from '#test/dsl/dns'
import { dnsServer } from '#test/dsl/dns-server'
import { signIn } from '#test/dsl/http-client'
import { SERVER_PASSWORD, startServer } from '#test/dsl/server'
import { temporaryFolder } from '#test/dsl/temporary'
import { signedIn } from './load.ts'
import {
  alarmsIn,
  health,
  mailIdIn,
  mailOn,
  outcomesOf,
  plainMail,
  sendMail,
  sendWithoutLimits,
  setPolicy,
  subjectsIn,
  until,
} from './observing.ts'
import { startSink } from './sink.ts'

const MEGABYTE = 1024 * 1024
const mounted: string[] = []

afterEach(() => {
  for (const folder of mounted.splice(0)) execFileSync('umount', ['--lazy', folder])
})

/** A file system of its own; null, with one line that says why, where that may not be mounted. */
const smallDisk = async (megabytes: number): Promise<string | null> => {
  const folder = await temporaryFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'pipe' })
  } catch (error) {
    if (process.env['CI'] === 'true') throw error
    console.warn(
      `skipped: a small disk can not be mounted here (${error instanceof Error ? error.message.trim() : String(error)})`,
    )
    return null
  }
  mounted.push(folder)
  return folder
}

/** Takes all of the disk but `spare` bytes. */
const fillDisk = async (disk: string, spare: number): Promise<void> => {
  const { bavail, bsize } = await statfs(disk)
  const file = await open(join(disk, 'ballast'), 'a')
  const block = Buffer.alloc(64 * 1024)
  try {
    for (let left = bavail * bsize - spare; left > 0; left -= block.length)
      await file.write(block, 0, Math.min(left, block.length))
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOSPC') throw error
  } finally {
    await file.close()
  }
}

const makeRoom = (disk: string): Promise<void> => rm(join(disk, 'ballast'), { force: true })

it('refuses mail for a while when space runs low, says so, and takes it again by itself', async () => {
  const disk = await smallDisk(200)
  if (disk === null) return
  const server = await startServer(disk)
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  // Refused below a quarter of it: 32 MB.
  await setPolicy(admin, 'storage', { freeSpace: 128 * MEGABYTE })
  // By the policy before this disk was too small from the start.
  await until('no alarm', async () => !(await alarmsIn(admin, 'raised')).some((alarm) => alarm.startsWith('disk ')))
  expect(mailIdIn(await sendMail(server.mx, ['ann@mailkeep.test'], plainMail('before')))).not.toBeNull()

  // What is left holds all that is under way: the write-ahead files of log and views grow to 24 MB before they are folded back.
  await fillDisk(disk, 30 * MEGABYTE)
  const low = await until('a refusal for want of space', async () => {
    const reply = await sendMail(server.mx, ['ann@mailkeep.test'], plainMail('low'))
    return mailIdIn(reply) === null ? reply : null
  })
  expect(low).toMatch(/^452 4\.3\.1 /)
  await until('the alarm', async () => (await alarmsIn(admin, 'raised')).some((alarm) => alarm.startsWith('disk ')))

  await makeRoom(disk)
  const id = await until('mail to be taken again', async () =>
    mailIdIn(await sendMail(server.mx, ['ann@mailkeep.test'], plainMail('after'))),
  )
  await outcomesOf(admin, id)
  await until('the end of the alarm', async () =>
    (await alarmsIn(admin, 'over')).some((alarm) => alarm.startsWith('disk ')),
  )
  expect(await server.stop()).toBe(0)
})

it('loses and doubles nothing on a full disk, stays up, and goes on by itself when there is room', async () => {
  const disk = await smallDisk(40)
  if (disk === null) return
  const server = await startServer(disk)
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  // No warning in time: the disk is simply full.
  await setPolicy(admin, 'storage', { freeSpace: 1 })
  await setPolicy(admin, 'delivery', { retryDelays: [1_000] })
  const acknowledged = new Map<string, string>()
  const refusals: (string | null)[] = []
  let number = 0
  const send = async (): Promise<string | null> => {
    const subject = `mail-${++number}`
    const reply = await sendMail(
      server.mx,
      ['ann@mailkeep.test', 'ben@mailkeep.test'],
      plainMail(subject, 'x'.repeat(70 * (number % 7))),
    )
    const id = mailIdIn(reply)
    if (id === null) refusals.push(reply)
    else acknowledged.set(subject, id)
    return id
  }
  for (let count = 0; count < 20; count++) await send()

  // Full while mails are under way, at a different moment each round: before content, event or delivery.
  for (const spare of [0, 64 * 1024, 200 * 1024]) {
    await fillDisk(disk, spare)
    await Promise.all(Array.from({ length: 8 }, send))
    await fillDisk(disk, 0)
    await until('a refusal on the full disk', async () => (await send()) === null)
    expect((await health(server, 'live')).status).toBe(200)
    await makeRoom(disk)
    await until('mail to be taken again', send)
  }
  // Full for as long as anything is tried again before it is given up elsewhere, with accepted mail that waits.
  const before = acknowledged.size
  const under = Array.from({ length: 64 }, send)
  // Some have got as far as the courier by then.
  await until('half of them to be accepted', async () => acknowledged.size - before >= 32 || null)
  await fillDisk(disk, 0)
  await Promise.all(under)
  const waiting = acknowledged.size - before
  expect(waiting).toBeGreaterThan(0)
  await sleep(20_000)
  expect((await health(server, 'live')).status).toBe(200)
  await makeRoom(disk)

  await until('mail to be taken again', send)
  expect(refusals.length).toBeGreaterThan(3)
  for (const reply of refusals) expect(reply).toMatch(/^45[12] 4\.3\.\d /)
  for (const id of acknowledged.values())
    expect((await outcomesOf(admin, id, 120_000)).map(({ state }) => state)).toEqual(['delivered', 'delivered'])
  const expected = [...acknowledged.keys()].toSorted()
  expect(await subjectsIn(server, 'ann@mailkeep.test')).toEqual(expected)
  expect(await subjectsIn(server, 'ben@mailkeep.test')).toEqual(expected)
  console.log(
    `full disk: ${acknowledged.size} mails acknowledged (${waiting} of them as the disk filled for the last time), ${refusals.length} refused for a while, work was tried again ${server.output().split('is tried again').length - 1} times`,
  )
  await until('readiness', async () => (await health(server, 'ready')).status === 200)
  expect(await server.stop()).toBe(0)
})

it('sends nothing twice that waits to be relayed when the disk is full, loses nothing, and goes on by itself', async () => {
  const disk = await smallDisk(40)
  if (disk === null) return
  const sink = await startSink({ address: '127.0.0.1', port: 0, random: () => 1, pause: 200 })
  const dns = await dnsServer(
    scriptedDns({
      'remote.test': { MX: [{ priority: 10, exchange: 'mx.remote.test' }] },
      'mx.remote.test': { A: ['127.0.0.1'] },
    }),
  )
  onTestFinished(async () => {
    await sink.close()
    dns.close()
  })
  const server = await startServer(disk, {
    MAILKEEP_SUBMISSIONS_PORT: '0',
    MAILKEEP_DNS_SERVERS: dns.address,
    MAILKEEP_RELAY_PORT: String(sink.port),
  })
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  await setPolicy(admin, 'storage', { freeSpace: 1 })
  await setPolicy(admin, 'delivery', { retryDelays: [1_000] })
  await sendWithoutLimits(admin)
  const client = await signedIn(server, 'ann@mailkeep.test', 'submissions')
  const ids: string[] = []
  for (let number = 0; number < 60; number++) {
    const message = plainMail(`out-${number}`, 'Hello.', 'ann@mailkeep.test')
    const reply = await mailOn(client, ['ben@mailkeep.test', 'x@remote.test'], message, 'ann@mailkeep.test')
    ids.push(mailIdIn(reply) ?? `not taken: ${reply}`)
  }
  client.destroy()
  await until('some to be on their way', () => sink.taken.length >= 5)
  await fillDisk(disk, 0)
  await until('an outcome that can not be recorded', () => server.output().includes('could not be recorded'))
  // As long as it would take to send the rest.
  await sleep(5_000)
  const taken = sink.taken.length
  expect(taken).toBeLessThan(ids.length)
  expect((await health(server, 'live')).status).toBe(200)
  await makeRoom(disk)

  for (const id of ids)
    expect((await outcomesOf(admin, id, 120_000)).map(({ state }) => state)).toEqual(['delivered', 'delivered'])
  expect(sink.taken.map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
  expect(await subjectsIn(server, 'ben@mailkeep.test')).toEqual(ids.map((_, number) => `out-${number}`).toSorted())
  console.log(
    `full disk on the way out: ${ids.length} mails, ${taken} of them sent before there was room again, each once`,
  )
  expect(await server.stop()).toBe(0)
})
