import * as fc from 'fast-check'
import { z } from 'zod'

/** The part of JSON Schema that zod writes. */
const node = z.looseObject({
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
  $ref: z.string().optional(),
  type: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  prefixItems: z.array(z.unknown()).optional(),
  pattern: z.string().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
})

/**
 * Data that fit a JSON Schema as zod writes it, the same at every run. What JSON Schema can't say (refinements) is up to `accepts`: tried
 * with several seeds. Throws when none is accepted.
 */
export const exampleOf = (schema: unknown, accepts: (example: unknown) => boolean): unknown => {
  for (let seed = 1; seed <= 50; seed++) {
    const example: unknown = make(schema, schema, seed)
    if (accepts(example)) return example
  }
  throw new Error(`no example found for ${JSON.stringify(schema)}`)
}

const make = (schema: unknown, root: unknown, seed: number): unknown => {
  const parsed = node.safeParse(schema)
  if (!parsed.success) return 'anything'
  const { data } = parsed
  if ('const' in data) return data.const
  if (data.enum !== undefined) return data.enum[0]
  const choices = data.anyOf ?? data.oneOf
  if (choices !== undefined) return make(choices[(seed - 1) % choices.length], root, seed)
  if (data.allOf !== undefined) return Object.assign({}, ...data.allOf.map((part) => make(part, root, seed)))
  if (data.$ref !== undefined) return make(resolve(root, data.$ref), root, seed)
  switch (data.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(data.properties ?? {}).map(([name, part]) => [name, make(part, root, seed)]),
      )
    case 'array':
      if (data.prefixItems !== undefined) return data.prefixItems.map((part) => make(part, root, seed))
      return Array.from({ length: Math.max(1, data.minItems ?? 1) }, () => make(data.items, root, seed))
    case 'string':
      return text(data.pattern, data.minLength ?? 0, data.maxLength, seed)
    case 'number':
    case 'integer':
      return Math.max(data.minimum ?? 1, (data.exclusiveMinimum ?? 0) + 1, 1)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return 'anything'
  }
}

const text = (pattern: string | undefined, minimum: number, maximum: number | undefined, seed: number): string => {
  if (pattern === undefined) return 'example'.padEnd(minimum, 'x').slice(0, maximum)
  const [sample] = fc.sample(fc.stringMatching(new RegExp(pattern)), { seed, numRuns: 1 })
  return sample ?? ''
}

const resolve = (root: unknown, reference: string): unknown => {
  let found = root
  for (const step of reference
    .replace(/^#\/?/, '')
    .split('/')
    .filter((part) => part !== '')) {
    found = z.record(z.string(), z.unknown()).parse(found)[step]
  }
  return found
}
