import { copyFile, cp, readFile, truncate, writeFile, open } from 'node:fs/promises'
import { join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { afterEach, expect, it } from 'vitest'
import { signIn } from '#test/dsl/http-client'
import { runMailkeep, SERVER_PASSWORD, startServer } from '#test/dsl/server'
import { temporaryFolder } from '#test/dsl/temporary'
import { mailIdIn, outcomesOf, plainMail, sendMail, subjectsIn } from './observing.ts'

const mounted: string[] = []
afterEach(() => {
  for (const folder of mounted.splice(0)) execFileSync('umount', ['--lazy', folder])
})

/** A data folder in which a mail lies for ann, stopped in order. */
const usedFolder = async (mails = 30): Promise<string> => {
  const folder = await temporaryFolder()
  const server = await startServer(folder)
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  for (let count = 0; count < mails; count++) {
    const id = mailIdIn(await sendMail(server.mx, ['ann@mailkeep.test'], plainMail(`mail-${count}`, 'y'.repeat(500))))
    await outcomesOf(admin, id ?? '')
  }
  expect(await server.stop()).toBe(0)
  return folder
}

it('refuses a data folder that another server has, naming the process, until that one is gone', async () => {
  const folder = await temporaryFolder()
  const first = await startServer(folder)
  const second = await runMailkeep(['serve'], folder)
  expect(second.code).toBe(1)
  expect(second.output).toContain(`in use by process ${first.pid}`)
  expect(second.output).not.toMatch(/\n\s+at /)

  expect(mailIdIn(await sendMail(first.mx, ['ann@mailkeep.test'], plainMail('undisturbed')))).not.toBeNull()
  await first.kill()
  const third = await startServer(folder)
  expect(await third.stop()).toBe(0)
})

it('ends in order when the npm that started it ends, which tells it nothing', async () => {
  const folder = await temporaryFolder()
  // A shell between, as npm has it, that stays and dies of its signal.
  const shell = ['sh', '-c', '"$0" "$@"; exit $?']
  const server = await startServer(folder, { npm_lifecycle_event: 'start' }, shell)
  await server.stop()
  await expect.poll(() => server.output(), { timeout: 20_000 }).toContain('what is in flight is finished')
  const next = await startServer(folder)
  expect(await next.stop()).toBe(0)
})

it('says what is wrong when the data folder can not be written, and harms nothing', async () => {
  const folder = await usedFolder(1)
  try {
    execFileSync('mount', ['--bind', folder, folder], { stdio: 'pipe' })
    mounted.push(folder)
    execFileSync('mount', ['-o', 'remount,ro,bind', folder], { stdio: 'pipe' })
  } catch (error) {
    if (process.env['CI'] === 'true') throw error
    console.warn(
      `skipped: a folder can not be made read-only here (${error instanceof Error ? error.message.trim() : String(error)})`,
    )
    return
  }
  const refused = await runMailkeep(['serve'], folder)
  expect(refused).toMatchObject({ code: 1, output: expect.stringMatching(/can't be written|read-only/i) })
  expect(refused.output).not.toMatch(/\n\s+at /)

  execFileSync('mount', ['-o', 'remount,rw,bind', folder], { stdio: 'pipe' })
  const server = await startServer(folder)
  expect(await subjectsIn(server, 'ann@mailkeep.test')).toEqual(['mail-0'])
  expect(await server.stop()).toBe(0)
})

it('refuses a damaged event log or content store, repairs nothing, and opens the intact copy', async () => {
  const folder = await usedFolder()
  const copy = await temporaryFolder()
  await cp(folder, copy, { recursive: true })
  const damages: Record<string, (file: string) => Promise<void>> = {
    'its head overwritten': async (file) => {
      const handle = await open(file, 'r+')
      await handle.write(Buffer.alloc(100, 0x5a), 0, 100, 0)
      await handle.close()
    },
    'cut off': async (file) => {
      const { length } = await readFile(file)
      await truncate(file, Math.floor(length / 4096 / 2) * 4096)
    },
    'something else': (file) => writeFile(file, 'This is no database.\n'.repeat(500)),
  }
  for (const name of ['log/events.db', 'content/pack.sqlite'])
    for (const [damage, damaging] of Object.entries(damages)) {
      const file = join(folder, 'data', name)
      await damaging(file)
      const damaged = await readFile(file)
      const refused = await runMailkeep(['serve'], folder)
      expect({ name, damage, code: refused.code }).toEqual({ name, damage, code: 1 })
      expect(refused.output, `${name}, ${damage}`).toMatch(/damaged|malformed|not an event log/)
      expect(refused.output, `${name}, ${damage}`).toContain(name.split('/')[0])
      expect((await readFile(file)).equals(damaged), `${name}, ${damage}: left as it was`).toBe(true)
      await copyFile(join(copy, 'data', name), file)
    }
  const server = await startServer(folder)
  expect(await subjectsIn(server, 'ann@mailkeep.test')).toHaveLength(30)
  expect(mailIdIn(await sendMail(server.mx, ['ben@mailkeep.test'], plainMail('goes on')))).not.toBeNull()
  expect(await server.stop()).toBe(0)
})

it('keeps a demo on loopback, at the first start and at every later one', async () => {
  const folder = await temporaryFolder()
  const beyond = { MAILKEEP_BIND: '0.0.0.0' }
  const first = await runMailkeep(['serve'], folder, beyond)
  expect(first).toMatchObject({ code: 2, output: expect.stringContaining('demo') })

  const server = await startServer(folder)
  expect(await server.stop()).toBe(0)
  for (const settings of [
    beyond,
    { MAILKEEP_MX_BIND: '::' },
    { MAILKEEP_BIND: '0.0.0.0', MAILKEEP_DOMAIN: 'example.org' },
  ]) {
    const later = await runMailkeep(['serve'], folder, settings)
    expect({ settings, ...later }).toEqual({ settings, code: 2, output: expect.stringContaining('demo') })
  }
})

it('says everything that is wrong with the configuration at once, and makes no data folder', async () => {
  const folder = await temporaryFolder()
  const refused = await runMailkeep(['serve'], folder, {
    MAILKEEP_MX_PORT: '99999',
    MAILKEEP_BIND: 'everywhere',
    MAILKEEP_ANTIVIRUS_ENGINE: 'norton',
    MAILKEEP_COLOUR: 'green',
    MAILKEEP_ROLES: 'mx,postman',
  })
  expect(refused.code).toBe(2)
  for (const said of [
    'MAILKEEP_MX_PORT',
    '99999',
    'MAILKEEP_BIND',
    'everywhere',
    'norton',
    'MAILKEEP_COLOUR',
    'postman',
  ])
    expect(refused.output).toContain(said)
  expect(refused.output).not.toMatch(/\n\s+at /)
  await expect(readFile(join(folder, 'data', 'secret.key'))).rejects.toMatchObject({ code: 'ENOENT' })
})
