import { pino } from 'pino'
import { beforeEach, expect, it } from 'vitest'
import { DAY, MINUTE } from '#domain/kernel/instant'
import { mailStream, type MailEvent } from '#domain/mail/events'
import type { RecordedEvent } from '#infra/event-log/port'
import { installation } from '#test/dsl/api-installation'
import { archive, clean, judge, recordReleaseScan, recordScan, requestRelease, scored } from '#test/dsl/mail'
import { watchAlarms } from './alarm-watch.ts'
import { NOTICE_EVENTS, sendNotice } from './notices.ts'
import type { StewardParts } from './steward-parts.ts'
import { trustSender } from './trust.ts'

const here = installation()

const GB = 1024 ** 3
/** How things are; each spec begins with all well. */
const well = () => ({
  free: 100 * GB,
  certificateEnds: here.api.clock.now + 365 * DAY,
  views: [{ name: 'quarantine', lagMs: 0, stopped: null as string | null }],
  away: new Map<string, string>(),
  answered: true,
})
let is: ReturnType<typeof well>
beforeEach(() => {
  is = well()
})

const steward = (): StewardParts => {
  const { parts, clock } = here.api
  return {
    ...parts,
    log: parts.events,
    clock: () => clock.now,
    logger: pino({ level: 'silent' }),
    hostname: 'mx.one.test',
    node: 'mx1',
    publicUrl: 'https://mail.one.test',
    demo: () => false,
    whatIf: async () => [],
    sources: { directory: () => null },
    conditions: {
      freeBytes: () => is.free,
      certificateEndsAt: () => is.certificateEnds,
      projections: () => is.views,
      groups: [],
      scannersAway: () => is.away,
      scannersHaveAnswered: () => is.answered,
    },
  }
}

const look = async (): Promise<string[]> => {
  await watchAlarms(steward())
  await here.api.settled()
  return here.api.parts.views
    .select<{ id: string; state: string }>('alarms', `SELECT * FROM {alarms} WHERE state <> 'over' ORDER BY id`)
    .map(({ id, state }) => `${id} ${state}`)
}

it('raises what is wrong once, and says when it is over', async () => {
  expect(await look()).toEqual([])
  is.free = 0.5 * GB
  is.certificateEnds = here.api.clock.now + 3 * DAY
  is.views = [
    { name: 'quarantine', lagMs: 6 * MINUTE, stopped: null },
    { name: 'traffic', lagMs: 0, stopped: 'mail-1@3 (Accepted): no such column' },
  ]
  is.away.set('clamd', 'connection refused')
  const raised = await look()
  expect(raised.map((one) => one.replace(/ raised$/, ''))).toEqual([
    expect.stringContaining('certificate'),
    expect.stringContaining('disk'),
    expect.stringContaining('lag'),
    expect.stringContaining('projection-stopped'),
    expect.stringContaining('scanner-away'),
  ])
  const { events } = await here.api.parts.events.readAll(null, { types: ['AlarmRaised'] }, 100)
  expect(events).toHaveLength(5)
  expect(await look()).toEqual(raised)
  expect((await here.api.parts.events.readAll(null, { types: ['AlarmRaised'] }, 100)).events).toHaveLength(5)

  is = well()
  expect(await look()).toEqual([])
  expect((await here.api.parts.events.readAll(null, { types: ['AlarmCleared'] }, 100)).events).toHaveLength(5)
})

it('does not call a scanner well before it has answered since the start', async () => {
  is.away.set('clamd', 'connection refused')
  expect(await look()).toHaveLength(1)
  is = { ...well(), answered: false }
  expect(await look()).toHaveLength(1)
  is = well()
  expect(await look()).toEqual([])
})

it('tells of an archive that is full, its own quota or the policy’s, until there is room', async () => {
  const quota = async (bytes: number | 'policy') => {
    const asked = here.api.asked()
    await here.api.parts.commands.archive(
      'ann@one.test',
      { kind: 'set-archive-quota', bytes, asker: { kind: 'operator' } },
      asked,
    )
    await here.api.settled()
  }
  const policy = async (quotaBytes: number) => {
    const document = { quotaBytes }
    const command = { kind: 'set-policy', name: 'archive', document, reason: 'spec' } as const
    await here.api.parts.commands.policy('archive', command, here.api.asked())
  }
  const ann = { address: 'ann@one.test', mailbox: 'ann@one.test' }
  await here.api.mail(
    [ann],
    { size: 100 },
    recordScan(clean),
    judge(scored('ann@one.test', 0)),
    archive('ann@one.test'),
  )
  await quota(101)
  expect(await look()).toEqual([])
  await quota(100)
  expect(await look()).toEqual(['archive-full:ann@one.test raised'])
  await quota('policy')
  expect(await look()).toEqual([])
  await policy(100)
  expect(await look()).toEqual(['archive-full:ann@one.test raised'])
  await policy(1_000)
  expect(await look()).toEqual([])
})

it('leaves the disk of another node to that node', async () => {
  is.free = 0
  await watchAlarms({ ...steward(), node: 'mx2' })
  await here.api.settled()
  is = well()
  expect(await look()).toEqual([expect.stringContaining('mx2')])
  await watchAlarms({ ...steward(), node: 'mx2' })
  await here.api.settled()
  expect(await look()).toEqual([])
})

it('mails an alarm to the administrators once, however often it is told of it', async () => {
  is.away.set('clamd', 'connection refused')
  await look()
  const { events } = await here.api.parts.events.readAll(null, { types: NOTICE_EVENTS }, 1_000)
  const alarm = events.at(-1)!
  await sendNotice(steward(), alarm)
  await sendNotice(steward(), alarm)
  const accepted = (await here.api.parts.events.readAll(null, { types: ['Accepted'] }, 1_000)).events.filter(
    ({ metadata }) => metadata.correlationId === alarm.metadata.correlationId,
  ) as unknown as (RecordedEvent & Extract<MailEvent, { type: 'Accepted' }>)[]
  expect(accepted).toHaveLength(1)
  expect(accepted[0]!.data).toMatchObject({
    flow: 'system',
    reversePath: null,
    subject: 'Alarm: scanner-away (clamd)',
    recipients: [{ mailbox: 'root@one.test' }],
  })
  const text = Buffer.from(await here.api.parts.content.read(accepted[0]!.data.contentHash, 100_000)).toString()
  expect(text).toContain('Auto-Submitted: auto-generated')
  expect(text).toContain('connection refused')
})

it('puts the sender of a mail that was released with trust on the allow list, and no other', async () => {
  const releaseOf = async (trustSender: boolean) => {
    const ann = 'ann@one.test'
    const id = await here.api.mail(
      [{ address: ann, mailbox: ann }],
      {},
      recordScan(clean),
      judge(scored(ann, 9)),
      requestRelease(ann, { trustSender }),
      recordReleaseScan(clean),
    )
    const events = await here.api.parts.events.readStream(mailStream(id))
    return events.find(({ type }) => type === 'Released')!
  }
  const listed = async () =>
    (await here.api.parts.events.readStream('mailbox-ann@one.test')).map(({ type, data }) => [type, data])

  await trustSender(steward(), await releaseOf(false))
  expect(await listed()).toEqual([])
  const released = await releaseOf(true)
  await trustSender(steward(), released)
  await trustSender(steward(), released)
  expect(await listed()).toEqual([
    ['SenderAllowed', { entry: 'sender@example.net', note: expect.stringContaining('released') }],
  ])
})
