import { policySchemas, type PolicyDocument } from '../policy/documents.ts'

/** Policies that a simulation can put in the place of those in force: what verdicts are made from. */
export interface CandidatePolicies {
  readonly inspection: PolicyDocument<'inspection'>
  readonly edge: PolicyDocument<'edge'>
}

export interface CandidateProblem {
  /** Path within the changes: `inspection.threshold`. */
  readonly where: string
  readonly problem: string
}

type Fields = Readonly<Record<string, unknown>>

/** What of each document has a part in verdicts; the rest decides when and how fast. */
const MATTERS: Readonly<Record<keyof CandidatePolicies, readonly string[]>> = {
  inspection: ['threshold', 'weights', 'authentication', 'uriBlockLists', 'unscannable', 'attachments'],
  edge: ['checks'],
}

/**
 * The documents as they would be with these changes: `{inspection: {threshold: 6}}` changes that and nothing else; objects are merged, lists
 * replaced. Or what is wrong with the changes.
 */
export const candidatePolicies = (
  current: CandidatePolicies,
  changes: Fields,
): { readonly policies: CandidatePolicies } | { readonly problems: readonly CandidateProblem[] } => {
  const problems: CandidateProblem[] = []
  for (const name of Object.keys(changes))
    if (!isSimulated(name))
      problems.push({ where: name, problem: 'expected inspection or edge: no other policy has a part in verdicts' })
  const candidate = <Name extends keyof CandidatePolicies>(name: Name): CandidatePolicies[Name] => {
    const change = changes[name]
    if (change === undefined) return current[name]
    if (!isFields(change)) {
      problems.push({ where: name, problem: 'expected an object with what changes' })
      return current[name]
    }
    for (const field of Object.keys(change))
      if (!MATTERS[name].includes(field))
        problems.push({
          where: `${name}.${field}`,
          problem: `has no part in verdicts; expected one of ${MATTERS[name].join(', ')}`,
        })
    const parsed = policySchemas[name].safeParse(merged(current[name] as unknown as Fields, change))
    if (parsed.success) return parsed.data as CandidatePolicies[Name]
    for (const { path, message } of parsed.error.issues.slice(0, 100))
      problems.push({ where: [name, ...path.map(String)].join('.'), problem: message })
    return current[name]
  }
  const policies = { inspection: candidate('inspection'), edge: candidate('edge') }
  if (Object.keys(changes).length === 0) problems.push({ where: '', problem: 'expected at least one change' })
  return problems.length > 0 ? { problems } : { policies }
}

const isSimulated = (name: string): name is keyof CandidatePolicies => Object.hasOwn(MATTERS, name)

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const MAX_DEPTH = 10

const merged = (before: Fields, change: Fields, depth = 0): Fields => {
  const into = new Map(Object.entries(before))
  for (const [key, value] of Object.entries(change)) {
    const own = into.get(key)
    into.set(key, isFields(own) && isFields(value) && depth < MAX_DEPTH ? merged(own, value, depth + 1) : value)
  }
  return Object.fromEntries(into)
}
