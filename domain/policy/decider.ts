import { Declined, type Decider } from '../kernel/decider.ts'
import type { PolicyCommand } from './commands.ts'
import { policySchemas } from './documents.ts'
import type { PolicyEvent } from './events.ts'
import { builtInPolicy, type PolicyState } from './state.ts'

/** A document as text is at most this long. */
const MAXIMUM_LENGTH = 200_000

/**
 * Sets a version, the defaults written out: what a mail was judged by must not change with a later build's defaults. What is in force
 * already is no new version.
 */
const decide = (
  { name, document, reason, expectedVersion }: PolicyCommand,
  policy: PolicyState,
): readonly PolicyEvent[] | Declined => {
  if (reason.length > 1_000) return new Declined('invalid', 'reason: at most 1000 characters')
  const parsed = policySchemas[name].safeParse(document)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.length === 0 ? name : issue.path.map(String).join('.')}: ${issue.message}`,
    )
    return new Declined('invalid', problems.join('; '))
  }
  const text = canonical(parsed.data)
  if (text.length > MAXIMUM_LENGTH) {
    return new Declined('over-limit', `the document has ${text.length} characters, at most ${MAXIMUM_LENGTH} are kept`)
  }
  if (text === canonical(policySchemas[name].parse(policy.document))) return []
  if (expectedVersion !== undefined && expectedVersion !== policy.version) {
    return new Declined('conflict', `version ${policy.version} is in force, not ${expectedVersion}`)
  }
  return [{ type: 'PolicySet', data: { name, version: policy.version + 1, document: parsed.data, reason } }]
}

/** JSON with the keys of every object in order, so that equal documents are equal text. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  )

const evolve = (policy: PolicyState, event: PolicyEvent): PolicyState => {
  switch (event.type) {
    case 'PolicySet':
      return { version: event.data.version, document: event.data.document }
    default:
      event.type satisfies never
      return policy
  }
}

export const policyDecider: Decider<PolicyCommand, PolicyEvent, PolicyState> = {
  initial: builtInPolicy,
  evolve,
  decide,
}
