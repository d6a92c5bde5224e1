import { afterAll, beforeAll, describe } from 'vitest'
import type { EventLog } from '#infra/event-log/port'
import { appendContract } from './append-contract.ts'
import type { LogUnderTest, OpenedLog } from './fixture.ts'
import { groupContract } from './group-contract.ts'
import { propertyContract } from './property-contract.ts'
import { readContract } from './read-contract.ts'
import { subscribeContract } from './subscribe-contract.ts'

/**
 * What every event log must do, sentence by sentence of infra/event-log/port.ts. `open` answers a log with `contractCodec`. All tests
 * share it, and it may hold other events: each test works in categories of its own.
 */
export const eventLogContract = (name: string, open: () => Promise<OpenedLog>): void => {
  describe(`event log on ${name}`, () => {
    let opened: OpenedLog
    let log: EventLog

    beforeAll(async () => {
      opened = await open()
      log = opened.log
    })
    afterAll(() => opened.close())

    const underTest: LogUnderTest = {
      get log() {
        return log
      },
      reopen: async () => {
        log = await opened.reopen()
        return log
      },
    }

    describe('append', () => {
      appendContract(underTest)
    })
    describe('read', () => {
      readContract(underTest)
    })
    describe('subscribeAll', () => {
      subscribeContract(underTest)
    })
    describe('subscribeGroup', () => {
      groupContract(underTest)
    })
    describe('properties', () => {
      propertyContract(underTest)
    })
  })
}
