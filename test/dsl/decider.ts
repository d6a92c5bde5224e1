import { fold, isDeclined, type Decider, type DeclinedCode } from '#domain/kernel/decider'
import { expect } from 'vitest'

/** `given(decider, events).when(command).thenEvents(events)`: a spec of a decider as text. */
export const given = <Command, Event, State>(decider: Decider<Command, Event, State>, events: readonly Event[]) => ({
  when: (command: Command) => {
    const answer = decider.decide(command, fold(decider, events))
    return {
      thenEvents: (expected: readonly Event[]): void => {
        expect(answer).toEqual(expected)
      },
      /** Only the types, for specs that are about which facts follow. */
      thenTypes: (expected: readonly string[]): void => {
        expect(isDeclined(answer) ? answer : answer.map((event) => (event as { type?: unknown }).type)).toEqual(
          expected,
        )
      },
      thenNothing: (): void => {
        expect(answer).toEqual([])
      },
      thenDeclined: (code: DeclinedCode, reason?: RegExp): void => {
        expect(isDeclined(answer) ? answer.code : answer).toBe(code)
        if (reason !== undefined) expect(isDeclined(answer) ? answer.reason : '').toMatch(reason)
      },
    }
  },
})

/** Events of a story told by commands, each decided on what came before; a declined command throws its reason. */
export const story = <Command, Event, State>(
  decider: Decider<Command, Event, State>,
  commands: readonly Command[],
  before: readonly Event[] = [],
): readonly Event[] => {
  const events = [...before]
  let state = fold(decider, events)
  for (const command of commands) {
    const answer = decider.decide(command, state)
    if (isDeclined(answer)) throw new Error(`${JSON.stringify(command)} was declined: ${answer.reason}`)
    events.push(...answer)
    state = fold(decider, answer, state)
  }
  return events
}
