import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { SmtpClient } from '#test/dsl/smtp/client'
import { startServer, type Server } from '#test/dsl/server'
import { temporaryFolder } from '#test/dsl/temporary'
import { openFsContentReader } from '#infra/content-store/fs/reader'
import { seeded } from './load.ts'
import { greeted, mailIdIn, memoryOf, plainMail, sendMail } from './observing.ts'

const MEGABYTE = 1024 * 1024
const LARGE = 50 * MEGABYTE

/** Base64 lines after a header of its own; `LARGE` bytes less what the number takes, never the same twice. */
const largeMail = (number: number): { head: string; block: Buffer; blocks: number; hash: string } => {
  const random = seeded(number)
  const line = Array.from({ length: 19 }, () =>
    Math.floor(random() * 0xffff_ffff)
      .toString(36)
      .padStart(4, '0')
      .slice(0, 4),
  ).join('')
  const block = Buffer.from(`${line}\r\n`.repeat(512))
  const head = plainMail(`large-${number}`, '')
  const blocks = Math.floor((LARGE - head.length) / block.length)
  const digest = createHash('sha256').update(head)
  for (let count = 0; count < blocks; count++) digest.update(block)
  return { head, block, blocks, hash: digest.digest('hex') }
}

/** Sends it a block at a time, as fast as the server takes it; answers the final reply. */
const sendLarge = async (
  client: SmtpClient,
  { head, block, blocks }: ReturnType<typeof largeMail>,
): Promise<string | null> => {
  for (const command of ['MAIL FROM:<a@outside.test>', 'RCPT TO:<ann@mailkeep.test>', 'DATA']) await client.say(command)
  client.write(head)
  for (let count = 0; count < blocks; count++) {
    client.write(block)
    if (client.socket.writableNeedDrain) await once(client.socket, 'drain')
  }
  client.write('.\r\n')
  return client.reply(120_000)
}

/** What `work` adds at its worst to the memory of the process. */
const riseDuring = async (server: Server, work: () => Promise<unknown>): Promise<number> => {
  const before = await memoryOf(server.pid)
  // Resets VmHWM (proc(5)).
  await writeFile(`/proc/${server.pid}/clear_refs`, '5')
  await work()
  return (await memoryOf(server.pid, 'VmHWM')) - before
}

it('takes mails of 50 MB with little memory, one after the other and ten at once, byte for byte', async () => {
  const server = await startServer(await temporaryFolder(), { MAILKEEP_ROLES: 'mx' })
  for (let count = 0; count < 20; count++)
    expect(mailIdIn(await sendMail(server.mx, ['ann@mailkeep.test'], plainMail(`small-${count}`)))).not.toBeNull()
  const mails = Array.from({ length: 20 }, (_, number) => largeMail(number))
  const rises: number[] = []
  for (const mail of mails.slice(0, 10)) {
    const client = await greeted(server.mx)
    rises.push(
      await riseDuring(server, async () => {
        expect(mailIdIn(await sendLarge(client, mail))).not.toBeNull()
      }),
    )
    client.destroy()
  }
  const atOnce = await riseDuring(server, () =>
    Promise.all(
      mails.slice(10).map(async (mail) => {
        const client = await greeted(server.mx)
        expect(mailIdIn(await sendLarge(client, mail))).not.toBeNull()
        client.destroy()
      }),
    ),
  )
  const median = rises.toSorted((one, other) => one - other)[5] ?? Number.NaN
  console.log(
    `memory: a mail of 50 MB raises the listener by ${rises.map((rise) => (rise / MEGABYTE).toFixed(1)).join(', ')} MB, ten at once by ${(atOnce / MEGABYTE).toFixed(0)} MB`,
  )
  expect(median).toBeLessThanOrEqual(16 * MEGABYTE)
  expect(atOnce).toBeLessThanOrEqual(128 * MEGABYTE)

  const reader = openFsContentReader(join(server.data, 'content'))
  for (const { hash } of [mails[0]!, mails[19]!]) {
    const digest = createHash('sha256')
    for await (const bytes of reader.open(hash)) digest.update(bytes)
    expect(digest.digest('hex')).toBe(hash)
  }
  await reader.close()
  expect(await server.stop()).toBe(0)
})
