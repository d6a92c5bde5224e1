import { expect, it } from 'vitest'
import type { MailEvent } from '#domain/mail/events'
import { mailStream } from '#domain/mail/events'
import type { MailCommand } from '#domain/mail/commands'
import type { RecordedEvent } from '#infra/event-log/port'
import { installation } from '#test/dsl/api-installation'
import { holdLateMails, holdQueue } from './hold-queue.ts'

const here = installation()
const OUTSIDE = 'x@remote.test'
const operator = { kind: 'operator' } as const

const parts = () => ({ ...here.api.parts, clock: () => here.api.clock.now })

const change = async (command: Parameters<typeof here.api.parts.commands.account>[1]): Promise<RecordedEvent> => {
  await here.api.parts.commands.account('ann@one.test', command, here.api.asked())
  await here.api.settled()
  const stream = await here.api.parts.events.readStream('account-ann@one.test')
  return stream.at(-1)!
}
const suspend = () => change({ kind: 'suspend', reason: 'spam', now: here.api.clock.now, asker: operator })
const reinstate = (held: 'release' | 'bounce' | 'keep') => change({ kind: 'reinstate', held, asker: operator })

/** Mail of our own kind is cleared at once, so it stands for what was submitted. */
const queued = (account: string | null = 'ann@one.test'): Promise<string> =>
  here.api.mail([{ address: OUTSIDE, mailbox: OUTSIDE }], { flow: 'system', account })

const last = async (id: string): Promise<string> => {
  const events = (await here.api.parts.events.readStream(mailStream(id))) as unknown as MailEvent[]
  return events.at(-1)!.type
}
const command = (id: string, given: MailCommand) => here.api.mailCommand(id, given)

it('what an account has in the queue is held when it is suspended, nothing of others, and goes on as was decided', async () => {
  const [hers, inbound] = [await queued(), await queued(null)]
  const suspended = await suspend()
  await holdQueue(parts(), suspended)
  await here.api.settled()
  await holdQueue(parts(), suspended)
  expect([await last(hers), await last(inbound)]).toEqual(['DeliveryHeld', 'Cleared'])
  expect((await here.api.parts.events.readStream(mailStream(hers))).map(({ type }) => type)).toEqual([
    'Accepted',
    'Cleared',
    'DeliveryHeld',
  ])
  const released = await reinstate('release')
  // The suspension is heard of again, late: it is over.
  await holdQueue(parts(), suspended)
  await holdQueue(parts(), released)
  expect(await last(hers)).toBe('DeliveryUnheld')
  await here.api.settled()
  await holdQueue(parts(), await suspend())
  await here.api.settled()
  await holdQueue(parts(), await reinstate('bounce'))
  expect(await last(hers)).toBe('Bounced')
})

it('a mail accepted right after the suspension is held, too; one that an administrator lets go is let go', async () => {
  await holdQueue(parts(), await suspend())
  const late = await queued()
  await here.api.settled()
  await holdLateMails(parts())
  expect(await last(late)).toBe('DeliveryHeld')
  await command(late, { kind: 'unhold', recipient: OUTSIDE, by: 'root@one.test' })
  await here.api.settled()
  await holdLateMails(parts())
  expect(await last(late)).toBe('DeliveryUnheld')
  await reinstate('keep')
})

it('what an administrator holds is not let go with the suspension, nor anything where it is to be kept', async () => {
  const own = await queued()
  await command(own, { kind: 'hold', recipient: OUTSIDE, by: 'root@one.test' })
  const kept = await queued()
  await here.api.settled()
  await holdQueue(parts(), await suspend())
  await here.api.settled()
  await holdQueue(parts(), await reinstate('keep'))
  expect([await last(own), await last(kept)]).toEqual(['DeliveryHeld', 'DeliveryHeld'])
})
