/**
 * The decider: how every aggregate of Mailkeep is written (design.md §4).
 * `decide` answers a command from state alone, `evolve` folds one fact into state and can't fail.
 * Neither reads a clock, a file or a random number: time and ids are data of the command.
 */
export interface Decider<Command, Event, State> {
  readonly initial: State
  evolve(state: State, event: Event): State
  decide(command: Command, state: State): readonly Event[] | Declined
}

/** Why a command was not carried out. `code` is for programs, `reason` is a sentence for people. */
export class Declined {
  readonly code: DeclinedCode
  readonly reason: string

  constructor(code: DeclinedCode, reason: string) {
    this.code = code
    this.reason = reason
  }
}

/**
 * - `not-found`: what the command names isn't there
 * - `conflict`: it is there, but in a state that rules this out
 * - `forbidden`: this actor may not
 * - `invalid`: the command's own values are wrong
 * - `over-limit`: a bound that policy sets was reached
 */
export type DeclinedCode = 'not-found' | 'conflict' | 'forbidden' | 'invalid' | 'over-limit'

export const isDeclined = (answer: unknown): answer is Declined => answer instanceof Declined

/** State after `events`, from `state` (the decider's initial state unless given). */
export const fold = <Event, State>(
  decider: Pick<Decider<never, Event, State>, 'initial' | 'evolve'>,
  events: Iterable<Event>,
  state: State = decider.initial,
): State => {
  let folded = state
  for (const event of events) folded = decider.evolve(folded, event)
  return folded
}
