import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { policyDocument, policySchemas } from '#domain/policy/documents'
import { type PolicyEvent, policyName, type PolicyName, policyStream } from '#domain/policy/events'
import { asDomainEvent } from '#infra/commands/stream-states'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { reasonText, time, toTime } from '../resources/shapes.ts'
import { ok, type Answer } from '../route/answer.ts'
import { done } from '../route/outcome.ts'
import { pageOf, pageQuery, readCursor, writeCursor } from '../route/paging.ts'
import { invalid, Problem } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { actor } from '#domain/kernel/actor'
import { definedOnly } from '../route/defined-only.ts'

const document = z.record(z.string(), z.unknown())
const policyShape = z
  .object({ name: policyName, version: z.number().describe('0: the built-in default'), document })
  .meta({ id: 'Policy' })
const versionShape = z
  .object({
    version: z.number().describe('0: the built-in default'),
    at: time.nullable().describe('null: it came with Mailkeep'),
    by: actor.nullable(),
    reason: z.string(),
    document,
  })
  .meta({ id: 'PolicyVersion' })

const tag = 'Policies'
const reads = { who: ['admin'], scope: 'policies:read' } as const
const params = z.object({ name: policyName })
const version = z.number().int().nonnegative()
const NO_REASON = 'changed by API'

const listPolicies = route({
  verb: 'get',
  path: '/policies',
  tag,
  summary: 'All policies as they are',
  access: reads,
  query: z.strictObject(pageQuery),
  answers: { 200: { is: 'The policies', schema: pageOf(policyShape) } },
})
const showPolicy = route({
  verb: 'get',
  path: '/policies/:name',
  tag,
  summary: 'A policy as it is, defaults filled in',
  access: reads,
  params,
  answers: { 200: { is: 'The policy', schema: policyShape } },
})
const setPolicy = route({
  verb: 'put',
  path: '/policies/:name',
  tag,
  summary: 'Set a policy',
  description:
    'The whole document; what is left out gets its default. It holds from the next SMTP command on, and the reason stays with the version. What GET answers can be changed and sent back: its `version` is then the one expected to be in force.',
  access: { who: ['admin'], scope: 'policies:write' },
  params,
  body: z.strictObject({
    document,
    reason: reasonText.default(NO_REASON),
    name: policyName.optional().describe('that of the path'),
    version: version.optional().describe('409 when another version is in force'),
    expectedVersion: version.optional().describe('the same as `version`'),
  }),
  answers: { 200: { is: 'The policy as it is now', schema: policyShape } },
})
const listVersions = route({
  verb: 'get',
  path: '/policies/:name/versions',
  tag,
  summary: 'How a policy came to be what it is',
  access: reads,
  params,
  query: z.strictObject(pageQuery),
  answers: { 200: { is: 'Newest first', schema: pageOf(versionShape) } },
})

@Controller()
export class PoliciesController {
  readonly #parts: ApiParts

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  @Route(listPolicies)
  async list(@TheCall() _call: SignedCall<typeof listPolicies>): Promise<Answer> {
    await this.#parts.policies.fresh()
    return ok({ items: policyName.options.map((name) => this.#shown(name)), next: null })
  }

  @Route(showPolicy)
  async show(@TheCall() call: SignedCall<typeof showPolicy>): Promise<Answer> {
    await this.#parts.policies.fresh()
    return ok(this.#shown(call.params.name))
  }

  @Route(setPolicy)
  async set(@TheCall() call: SignedCall<typeof setPolicy>): Promise<Answer> {
    const { name } = call.params
    const { document, reason } = call.body
    const expectedVersion = expectedIn(call.body)
    if (call.body.name !== undefined && call.body.name !== name)
      throw invalid('body.name', `expected ${name}, as in the path`)
    const checked = policySchemas[name].safeParse(document)
    if (!checked.success) {
      const problems = checked.error.issues.slice(0, 100).map((issue) => ({
        where: ['body', 'document', ...issue.path.map(String)].join('.'),
        problem: issue.message,
      }))
      throw new Problem('invalid', `The document is not a policy ${name}.`, { problems })
    }
    const command = { kind: 'set-policy' as const, name, document, reason, ...definedOnly({ expectedVersion }) }
    const { position } = done(await this.#parts.commands.policy(name, command, call.asked()))
    await this.#parts.policies.fresh()
    return ok(this.#shown(name), { position })
  }

  @Route(listVersions)
  async versions(@TheCall() call: SignedCall<typeof listVersions>): Promise<Answer> {
    const { cursor, limit } = call.query
    const { name } = call.params
    // Version n is the event at revision n - 1.
    const from = readCursor<readonly [number]>(cursor, ['number'])?.[0]
    const events =
      from !== undefined && from < 0
        ? []
        : await this.#parts.events.readStream(policyStream(name), {
            direction: 'backwards',
            limit,
            ...definedOnly({ from }),
          })
    const items = events.map((event) => {
      const { version, reason, document } = asDomainEvent<PolicyEvent>(event).data
      return { version, at: toTime(event.metadata.occurredAt), by: event.metadata.actor, reason, document }
    })
    const last = events.at(-1)
    if (last !== undefined && events.length === limit) return ok({ items, next: writeCursor([last.revision - 1]) })
    return ok({ items: [...items, builtIn(name)], next: null })
  }

  #shown(name: PolicyName): object {
    return { name, ...this.#parts.policies.current(name) }
  }
}

const builtIn = (name: PolicyName): z.output<typeof versionShape> => ({
  version: 0,
  at: null,
  by: null,
  reason: 'built in',
  document: policyDocument(name, {}),
})

function expectedIn(body: { readonly version?: number | undefined; readonly expectedVersion?: number | undefined }) {
  const { version, expectedVersion } = body
  if (version !== undefined && expectedVersion !== undefined && version !== expectedVersion)
    throw invalid('body.expectedVersion', `expected ${version}, as in \`version\`, or only one of the two`)
  return version ?? expectedVersion
}
