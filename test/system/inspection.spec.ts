import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { signIn } from '#test/dsl/http-client'
import { runMailkeep, SERVER_PASSWORD, startServer } from '#test/dsl/server'
import { temporaryFolder } from '#test/dsl/temporary'
import { alarmsIn, mailIdIn, outcomesOf, plainMail, recipientsOf, sendMail, subjectsIn, until } from './observing.ts'

/** Ends whichever thread reads a content with that word in it, as long as the file beside it is there. */
const DEADLY = `
import crypto from 'node:crypto'
import { existsSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { isMainThread } from 'node:worker_threads'
const { hash } = crypto
crypto.hash = (algorithm, bytes, ...rest) => {
  if (!isMainThread && bytes instanceof Uint8Array && Buffer.from(bytes).includes('DEADLY-WORD') && existsSync(process.env.MAILKEEP_TEST_DEADLY)) process.exit(1)
  return hash(algorithm, bytes, ...rest)
}
syncBuiltinESMExports()
`

it('survives a mail that kills its inspection thread: sets it aside with an alarm, judges the others, replays it', async () => {
  const folder = await temporaryFolder()
  const preload = join(folder, 'deadly.mjs')
  const deadly = join(folder, 'deadly')
  await writeFile(preload, DEADLY)
  await writeFile(deadly, '')
  const server = await startServer(folder, {
    NODE_OPTIONS: `--import=${pathToFileURL(preload).href}`,
    MAILKEEP_TEST_DEADLY: deadly,
  })
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  const send = async (subject: string, body: string): Promise<string> => {
    const id = mailIdIn(await sendMail(server.mx, ['ann@mailkeep.test'], plainMail(subject, body)))
    expect(id).not.toBeNull()
    return id ?? ''
  }
  // At the same moment, so that whatever is tried again is tried again beside it.
  const [poison = '', ...ids] = await Promise.all([
    send('poison', 'DEADLY-WORD'),
    ...Array.from({ length: 14 }, (_, number) => send(`mail-${number}`, 'harmless')),
  ])
  for (const id of ids) expect((await outcomesOf(admin, id)).map(({ state }) => state)).toEqual(['delivered'])
  expect((await recipientsOf(admin, poison)).map(({ state }) => state)).toEqual(['pending'])
  await until('the alarm', async () => (await alarmsIn(admin, 'raised')).includes('parked inspector'), 120_000)
  const { output } = await runMailkeep(['reaction', 'parked', '--json'], folder)
  const { items } = JSON.parse(output) as { items: { group: string; stream: string; reason: string }[] }
  expect(items.map(({ group, stream }) => `${group} ${stream}`)).toEqual([`inspector mail-${poison}`])
  expect(items[0]?.reason).toMatch(/\w/)

  await rm(deadly)
  expect(await runMailkeep(['reaction', 'replay', 'inspector'], folder)).toMatchObject({ code: 0 })
  expect((await outcomesOf(admin, poison)).map(({ state }) => state)).toEqual(['delivered'])
  await until('the end of the alarm', async () => (await alarmsIn(admin, 'over')).includes('parked inspector'))
  expect(await subjectsIn(server, 'ann@mailkeep.test')).toEqual(
    ['poison', ...ids.map((_, number) => `mail-${number}`)].toSorted(),
  )
  expect(await server.stop()).toBe(0)
})
