import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { MaildirHost, maildirPath } from '#infra/mailbox-host/maildir'
import { temporaryFolder } from '#test/dsl/temporary'
import { delivery, mailboxHostContract, type MailboxUnderTest } from './contract.ts'

const open = async (): Promise<MailboxUnderTest & { root: string }> => {
  const root = await temporaryFolder()
  const folder = (mailbox: string) => join(root, ...maildirPath(mailbox))
  return {
    root,
    host: new MaildirHost(root),
    async contents(mailbox) {
      const found: string[] = []
      for (const part of ['new', 'cur']) {
        if (!existsSync(join(folder(mailbox), part))) continue
        for (const name of await readdir(join(folder(mailbox), part)))
          found.push(await readFile(join(folder(mailbox), part, name), 'utf8'))
      }
      return found
    },
    async markAllRead(mailbox) {
      for (const name of await readdir(join(folder(mailbox), 'new')))
        await rename(join(folder(mailbox), 'new', name), join(folder(mailbox), 'cur', `${name}:2,S`))
    },
  }
}

mailboxHostContract('a Maildir', open, { seesRepeats: true, lastLineEnd: '' })

it('makes the folders again when somebody removed them', async () => {
  const { host, root, contents } = await open()
  await host.deliver(delivery('one'))
  await rm(join(root, 'example.org'), { recursive: true })
  await host.deliver(delivery('two', { deliveryId: '2.x' }))
  expect((await host.deliver(delivery('two', { deliveryId: '2.x' }))).reply.code).toBe(250)
  expect(await contents('ann@example.org')).toEqual(['two'])
})

it('leaves nothing in tmp', async () => {
  const { host, root } = await open()
  await host.deliver(delivery('one'))
  expect(await readdir(join(root, 'example.org', 'ann', 'tmp'))).toEqual([])
})

it('answers a transient reply when a file stands where a folder should be', async () => {
  const { host, root } = await open()
  await mkdir(join(root, 'example.org', 'ann'), { recursive: true })
  await writeFile(join(root, 'example.org', 'ann', 'tmp'), '')
  expect((await host.deliver(delivery('one'))).reply.code).toBe(451)
})
