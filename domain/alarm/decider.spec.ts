import { describe, it } from 'vitest'
import { given, story } from '#test/dsl/decider'
import type { AlarmCommand } from './commands.ts'
import { alarmDecider } from './decider.ts'

const raise: AlarmCommand = { kind: 'raise', alarm: 'scanner-away', subject: 'clamd', detail: 'Start clamd.' }
const acknowledge: AlarmCommand = { kind: 'acknowledge', by: 'admin@example.org' }
const clear: AlarmCommand = { kind: 'clear', detail: 'clamd answers again' }

describe('an alarm', () => {
  it('is raised once until it is over, and then anew', () => {
    given(alarmDecider, [])
      .when(raise)
      .thenEvents([{ type: 'AlarmRaised', data: { kind: 'scanner-away', subject: 'clamd', detail: 'Start clamd.' } }])
    given(alarmDecider, story(alarmDecider, [raise]))
      .when(raise)
      .thenNothing()
    given(alarmDecider, story(alarmDecider, [raise, acknowledge]))
      .when(raise)
      .thenNothing()
    given(alarmDecider, story(alarmDecider, [raise, clear]))
      .when(raise)
      .thenTypes(['AlarmRaised'])
  })

  it('is acknowledged once while it lasts', () => {
    given(alarmDecider, []).when(acknowledge).thenDeclined('not-found')
    given(alarmDecider, story(alarmDecider, [raise]))
      .when(acknowledge)
      .thenTypes(['AlarmAcknowledged'])
    given(alarmDecider, story(alarmDecider, [raise, acknowledge]))
      .when(acknowledge)
      .thenNothing()
    given(alarmDecider, story(alarmDecider, [raise, clear]))
      .when(acknowledge)
      .thenDeclined('conflict')
  })

  it('is over once', () => {
    given(alarmDecider, []).when(clear).thenNothing()
    given(alarmDecider, story(alarmDecider, [raise, acknowledge]))
      .when(clear)
      .thenTypes(['AlarmCleared'])
    given(alarmDecider, story(alarmDecider, [raise, clear]))
      .when(clear)
      .thenNothing()
  })
})
