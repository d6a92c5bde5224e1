import { Test } from '@nestjs/testing'
import { describe, expect, it } from 'vitest'
import { isDeclined } from '#domain/kernel/decider'
import { temporaryLog } from '#test/dsl/event-log'
import { aggregates } from './aggregates.ts'
import { Commands } from './commands.ts'
import { CommandsModule } from './commands.module.ts'
import { execute, type Asked } from './execute.ts'
import { StreamStates } from './stream-states.ts'

const asked = (commandId: string): Asked => ({
  actor: { kind: 'account', address: 'ann@x.test' },
  now: 1_000,
  commandId,
  correlationId: 'c',
})
const block = (entry: string) => ({ kind: 'block-sender', entry, note: null }) as const
const OWNER = 'ann@x.test'

describe('a command', () => {
  it('is decided from the stream, appended at its revision, and says where', async () => {
    const log = await temporaryLog()
    const outcome = await execute(
      log,
      new StreamStates(log),
      aggregates.mailbox,
      OWNER,
      block('@spam.test'),
      asked('1'),
    )
    if (isDeclined(outcome)) throw new Error(outcome.reason)
    expect(outcome.events.map(({ type }) => type)).toEqual(['SenderBlocked'])
    expect(outcome.revision).toBe(0)
    expect(outcome.position).toBe(await log.lastPosition())
    expect((await log.readStream('mailbox-ann@x.test'))[0]?.metadata).toMatchObject({
      actor: { kind: 'account', address: 'ann@x.test' },
      causationId: '1',
    })
  })

  it('carried out twice appends once and answers where it is', async () => {
    const log = await temporaryLog()
    const states = new StreamStates(log)
    await execute(log, states, aggregates.mailbox, OWNER, block('@spam.test'), asked('1'))
    const again = await execute(log, states, aggregates.mailbox, OWNER, block('@spam.test'), asked('2'))
    expect(again).toMatchObject({ events: [], revision: 0 })
    expect(await log.readStream('mailbox-ann@x.test')).toHaveLength(1)
  })

  it('is decided afresh when another writer was quicker', async () => {
    const log = await temporaryLog()
    const [here, there] = [new StreamStates(log), new StreamStates(log)]
    await execute(log, here, aggregates.mailbox, OWNER, block('@one.test'), asked('1'))
    await execute(log, there, aggregates.mailbox, OWNER, block('@two.test'), asked('2'))
    const outcome = await execute(log, here, aggregates.mailbox, OWNER, block('@three.test'), asked('3'))
    expect(outcome).toMatchObject({ revision: 2 })
  })

  it('is not refused from a state that is behind', async () => {
    const log = await temporaryLog()
    const [here, there] = [new StreamStates(log), new StreamStates(log)]
    await execute(log, here, aggregates.mailbox, OWNER, block('@one.test'), asked('1'))
    await execute(
      log,
      there,
      aggregates.mailbox,
      OWNER,
      { kind: 'remove-entry', entry: '@one.test', list: 'block' },
      asked('2'),
    )
    const outcome = await execute(log, here, aggregates.mailbox, OWNER, block('@one.test'), asked('3'))
    expect(outcome).toMatchObject({ revision: 2, events: [{ type: 'SenderBlocked' }] })
  })

  it('goes through the CommandBus, with as many writers as there are', async () => {
    const log = await temporaryLog()
    const module = await Test.createTestingModule({ imports: [CommandsModule.over(log)] }).compile()
    await module.init()
    const commands = module.get(Commands)
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, index) => commands.mailbox(OWNER, block(`@s${index}.test`), asked(`c${index}`))),
    )
    expect(outcomes.filter(isDeclined)).toEqual([])
    expect(await log.readStream('mailbox-ann@x.test')).toHaveLength(12)
    expect(isDeclined(await commands.mailbox(OWNER, block('no pattern'), asked('bad')))).toBe(true)
    await module.close()
  })
})

describe('a state that was kept', () => {
  it('is read on when an event is ahead of it', async () => {
    const log = await temporaryLog()
    const [here, there] = [new StreamStates(log), new StreamStates(log)]
    await execute(log, here, aggregates.mailbox, OWNER, block('@one.test'), asked('1'))
    await execute(log, there, aggregates.mailbox, OWNER, block('@two.test'), asked('2'))
    expect((await here.load(aggregates.mailbox, 'mailbox-ann@x.test')).revision).toBe(0)
    expect((await here.loadAtLeast(aggregates.mailbox, 'mailbox-ann@x.test', 1)).revision).toBe(1)
    await execute(log, there, aggregates.mailbox, OWNER, block('@three.test'), asked('3'))
    expect((await here.loadNewest(aggregates.mailbox, 'mailbox-ann@x.test')).revision).toBe(2)
  })
})
