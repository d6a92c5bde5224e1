import type { z } from 'zod'
import { Problem, type ProblemPart } from './problem.ts'

type Place = 'path' | 'query' | 'body'

/** Checks all three places of a request and throws one problem that lists everything wrong. */
export function checkValues(
  schemas: {
    readonly path?: z.ZodType | undefined
    readonly query?: z.ZodType | undefined
    readonly body?: z.ZodType | undefined
  },
  given: { readonly path: unknown; readonly query: unknown; readonly body: unknown },
): { readonly path: unknown; readonly query: unknown; readonly body: unknown } {
  const problems: ProblemPart[] = []
  const check = (place: Place): unknown => {
    const schema = schemas[place]
    if (schema === undefined) {
      problems.push(...unexpected(place, given[place]))
      return undefined
    }
    const value =
      place === 'body' && given.body === undefined && !schema.safeParse(undefined).success ? {} : given[place]
    const read = schema.safeParse(value)
    if (read.success) return read.data
    problems.push(...read.error.issues.slice(0, 100).flatMap((issue) => describeIssue(place, issue)))
    return undefined
  }
  const values = { path: check('path'), query: check('query'), body: check('body') }
  if (problems.length > 0) {
    const detail =
      problems.length === 1
        ? `${problems[0]?.where}: ${problems[0]?.problem}`
        : `${problems.length} values are not valid.`
    throw new Problem('invalid', detail, { problems })
  }
  return values
}

function unexpected(place: Place, given: unknown): ProblemPart[] {
  if (place === 'path' || given === undefined || given === null) return []
  if (place === 'body') {
    return typeof given === 'object' && Object.keys(given).length === 0
      ? []
      : [{ where: 'body', problem: 'this takes no body' }]
  }
  return Object.keys(given).map((name) => ({ where: `query.${name}`, problem: 'there is no such parameter' }))
}

function describeIssue(place: Place, issue: z.core.$ZodIssue): ProblemPart[] {
  const where = [place, ...issue.path.map(String)].join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ where: `${where}.${key}`, problem: 'there is no such field' }))
  }
  return [{ where, problem: issue.message }]
}
