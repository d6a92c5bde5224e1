import { type Declined, isDeclined } from '#domain/kernel/decider'
import { declinedProblem } from './problem.ts'

/** What a command did; throws the problem when it was declined. */
export function done<Outcome extends object>(outcome: Outcome | Declined): Outcome {
  if (isDeclined(outcome)) throw declinedProblem(outcome)
  return outcome
}
