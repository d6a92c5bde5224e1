import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import type { Recipient } from '#domain/mail/events'
import { mailStream } from '#domain/mail/events'
import { LogUnavailable } from '#infra/event-log/port'
import { MINUTE } from '#domain/kernel/instant'
import { installation } from '#test/dsl/api-installation'
import { accept, scanner } from '#test/dsl/mail'
import { RecordingQueue, type RecordedDelivery } from './recording-queue.ts'

const here = installation()
const retry = { delays: [MINUTE], expireAfter: 60 * MINUTE }
let mails = 0

const submitted = async (
  count: number,
  notification: Recipient['notification'] = undefined,
): Promise<{ id: string; mailboxes: readonly string[] }> => {
  const id = `01JNQ${String(++mails).padStart(21, '0')}`
  const mailboxes = Array.from({ length: count }, (_, at) => `x${at}@remote${at}.test`)
  const recipients = mailboxes.map((mailbox): Recipient => {
    return { address: mailbox, mailbox, route: 'relay', ...(notification === undefined ? {} : { notification }) }
  })
  await here.api.mailCommand(id, { ...accept(recipients, 'submission', { account: 'ann@one.test' }), scanner })
  return { id, mailboxes }
}

const delivery = (recipient: string, text = 'taken'): RecordedDelivery => ({
  kind: 'record-delivery',
  recipient,
  host: 'mx.test:25',
  attempt: 1,
  reply: { code: 250, enhancedCode: '2.0.0', text },
  now: here.api.clock.now,
  retry,
})

const queue = (commands: ConstructorParameters<typeof RecordingQueue>[0]['commands'] = here.api.parts.commands) =>
  new RecordingQueue({ commands, clock: () => here.api.clock.now, logger: pino({ level: 'silent' }) })

const delivered = async (id: string): Promise<string[]> =>
  (await here.api.parts.events.readStream(mailStream(id)))
    .filter(({ type }) => type === 'Delivered')
    .map(({ data }) => (data as { recipient: string }).recipient)

/** The commands of the installation over a log that takes nothing while `full` says so. */
const onADisk = (full: () => boolean) => {
  let tries = 0
  return {
    get tries() {
      return tries
    },
    mail: (...asked: Parameters<typeof here.api.parts.commands.mail>) => {
      tries += 1
      return full()
        ? Promise.reject(new LogUnavailable('disk-full', 'no room'))
        : here.api.parts.commands.mail(...asked)
    },
  }
}

describe('what became of deliveries', () => {
  it('is all written when many hosts answer at once, and each caller hears of its own', async () => {
    const { id, mailboxes } = await submitted(100)
    const records = queue()
    const told = await Promise.all(mailboxes.map((mailbox) => records.write(id, [delivery(mailbox)])))
    expect(told.map((events) => events.map(({ data }) => 'recipient' in data && data.recipient))).toEqual(
      mailboxes.map((mailbox) => [mailbox]),
    )
    expect((await delivered(id)).toSorted()).toEqual(mailboxes.toSorted())
  })

  it('fits into appends however much servers say', async () => {
    const { id, mailboxes } = await submitted(250, { notify: ['SUCCESS'], orcpt: null })
    for (const words of ['\u4e2d'.repeat(2_000), '"'.repeat(2_000)])
      await queue().write(
        id,
        mailboxes.map((mailbox) => delivery(mailbox, words)),
      )
    expect((await delivered(id)).toSorted()).toEqual(mailboxes.toSorted())
  })

  it('is kept while the log takes nothing, and written once when it does', async () => {
    const { id, mailboxes } = await submitted(3)
    let isFull = true
    const disk = onADisk(() => isFull)
    const records = queue(disk)
    const writing = mailboxes.map((mailbox) => records.write(id, [delivery(mailbox)]))
    await expect.poll(() => disk.tries).toBeGreaterThan(2)
    expect(records.isHeldUp).toBe(true)
    isFull = false
    await Promise.all(writing)
    expect(records.isHeldUp).toBe(false)
    expect((await delivered(id)).toSorted()).toEqual(mailboxes)
  })

  it('is tried once more at the end, and holds nobody up', async () => {
    const { id, mailboxes } = await submitted(1)
    const records = queue(onADisk(() => true))
    const writing = records.write(id, [delivery(mailboxes[0] ?? '')])
    await expect.poll(() => records.isHeldUp).toBe(true)
    records.stop()
    await expect(writing).rejects.toThrow('no room')
    expect(records.isHeldUp).toBe(false)
  })
})
