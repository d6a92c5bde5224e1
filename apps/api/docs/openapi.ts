import { z } from 'zod'
import { PROBLEMS } from '../route/problem.ts'
import { fullPath, type RouteSpec } from '../route/route.ts'

type Json = Readonly<Record<string, unknown>>

export interface OpenApi extends Json {
  readonly openapi: string
  readonly info: Json
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Json>> } & Json
}

export interface Operation extends Json {
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly tags: readonly string[]
  readonly parameters: readonly Parameter[]
  readonly requestBody?: {
    readonly required: boolean
    readonly content: Readonly<Record<string, { readonly schema: Json }>>
  }
  readonly responses: Readonly<Record<string, Json>>
}

export interface Parameter extends Json {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: Json
}

/** OpenAPI 3.1 of all routes, from the same declarations that serve and check them. */
export function openApiOf(routes: readonly RouteSpec[]): OpenApi {
  const schemas: Record<string, Json> = { Problem: PROBLEM }
  const paths: Record<string, Record<string, Operation>> = {}
  for (const spec of routes) {
    const path = fullPath(spec).replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [spec.verb]: operationOf(spec, schemas) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Mailkeep',
      version: '1',
      description:
        'Times are RFC 3339 in UTC. Errors are application/problem+json (RFC 9457). Lists answer `{items, next}`; send `next` back as `cursor`. What changes something answers `Mailkeep-Position`; a read that sends it as `Mailkeep-After` waits until its view has got there.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'the token of POST /session, or an API token' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'mailkeep_session', description: 'with the header X-CSRF-Token' },
      },
    },
  }
}

function operationOf(spec: RouteSpec, schemas: Record<string, Json>): Operation {
  const open = spec.access.who.includes('anyone')
  return {
    operationId: `${spec.verb}_${fullPath(spec).replaceAll(/[^A-Za-z0-9]+/g, '_')}`,
    summary: spec.summary,
    description: [
      spec.description ?? '',
      `For: ${spec.access.who.join(', ')}.`,
      open ? '' : spec.access.scope === null ? 'Not with an API token.' : `Scope of a token: ${spec.access.scope}.`,
    ]
      .filter((part) => part !== '')
      .join(' '),
    tags: [spec.tag],
    security: open ? [] : [{ bearer: [] }, { cookie: [] }],
    parameters: [...placed(spec.params, 'path', schemas), ...placed(spec.query, 'query', schemas), ...headersOf(spec)],
    ...(spec.body === undefined ? {} : { requestBody: requestOf(spec.body, schemas) }),
    responses: { ...responsesOf(spec, schemas), default: PROBLEM_ANSWER },
  }
}

const requestOf = (body: z.ZodType, schemas: Record<string, Json>) => ({
  required: !body.safeParse(undefined).success,
  content: { 'application/json': { schema: schemaOf(body, 'input', schemas) } },
})

function placed(schema: z.ZodType | undefined, place: 'path' | 'query', schemas: Record<string, Json>): Parameter[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = schemaOf(schema, 'input', schemas) as {
    properties?: Record<string, Json>
    required?: readonly string[]
  }
  return Object.entries(properties).map(([name, { description, ...of }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: of,
  }))
}

function headersOf(spec: RouteSpec): Parameter[] {
  const header = (name: string, description: string): Parameter => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  })
  return [
    ...(spec.verb === 'post' ? [header('Idempotency-Key', 'a repeat with the same key gets the first answer')] : []),
    ...(spec.views === undefined
      ? []
      : [header('Mailkeep-After', 'waits (at most 5 s) until the view has got to this position')]),
    ...(spec.reason === true ? [header('Mailkeep-Reason', "why, for an officer's reading")] : []),
  ]
}

function responsesOf(spec: RouteSpec, schemas: Record<string, Json>): Record<string, Json> {
  const writes = spec.verb !== 'get'
  return Object.fromEntries(
    Object.entries(spec.answers).map(([status, { is, schema, type }]) => [
      status,
      {
        description: is,
        ...(writes
          ? {
              headers: {
                'Mailkeep-Position': { description: 'position of what was done', schema: { type: 'string' } },
              },
            }
          : {}),
        ...(schema === undefined && type === undefined
          ? {}
          : {
              content: {
                [type ?? 'application/json']:
                  schema === undefined ? {} : { schema: schemaOf(schema, 'output', schemas) },
              },
            }),
      },
    ]),
  )
}

/** Named shapes move to components. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', schemas: Record<string, Json>): Json {
  const {
    $schema: _dialect,
    $defs = {},
    ...of
  } = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' }) as Json & {
    $defs?: Record<string, Json>
  }
  for (const [name, definition] of Object.entries($defs)) schemas[name] ??= moved(definition) as Json
  const named = typeof of['id'] === 'string' ? of['id'] : undefined
  const placedHere = moved(of) as Json
  if (named === undefined) return placedHere
  schemas[named] ??= placedHere
  return { $ref: `#/components/schemas/${named}` }
}

function moved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moved)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
      if (key === '$ref' && typeof inner === 'string')
        return [[key, inner.replace('#/$defs/', '#/components/schemas/')]]
      // `id` of a named schema would make a new base for every reference in it.
      if (key === 'id' && typeof inner === 'string') return []
      return [[key, moved(inner)]]
    }),
  )
}

const PROBLEM: Json = {
  type: 'object',
  description: `RFC 9457. \`type\` is urn:mailkeep:problem:<one of ${Object.keys(PROBLEMS).join(', ')}>.`,
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    id: { type: 'string', description: 'an administrator finds it in the log' },
    problems: {
      type: 'array',
      items: {
        type: 'object',
        properties: { where: { type: 'string' }, problem: { type: 'string' } },
        required: ['where', 'problem'],
      },
    },
  },
  required: ['type', 'title', 'status', 'detail', 'instance', 'id', 'problems'],
}

const PROBLEM_ANSWER: Json = {
  description: 'A problem',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
}
