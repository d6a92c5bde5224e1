import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import type { DomainRow } from '#projections/directory/tables'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { ok, pending, type Answer } from '../route/answer.ts'
import { freshen } from '../route/fresh-view.ts'
import { done } from '../route/outcome.ts'
import { notFound } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { domainName, time, toTimeOrNull } from './shapes.ts'

const counts = z.object({ accounts: z.number(), aliases: z.number(), groups: z.number() })
const result = z.object({
  found: counts.describe('what the directory has of this domain'),
  created: counts,
  removed: counts,
  changed: z.number(),
  left: z.number().describe('addresses of the directory that belong to something made here'),
})
const directoryShape = z
  .object({
    recipientSource: z.enum(['own', 'rcpt', 'ldap']),
    syncedAt: time.nullable(),
    dueAt: time.nullable().describe('when it is copied next'),
    underWayUntil: time.nullable().describe('it is being copied now, until then at the latest'),
    problem: z.string().nullable().describe('why the last copy could not be made'),
    result: result.nullable(),
  })
  .meta({ id: 'DomainDirectory' })
const params = z.object({ domain: domainName })
const ofDomain = ({ domain }: { domain: string }) => ({ domain })

const showDirectory = route({
  verb: 'get',
  path: '/domains/:domain/directory',
  tag: 'Domains',
  summary: 'Where the copy of an LDAP directory stands',
  access: { who: ['admin', 'domain-admin'], scope: 'domains:read' },
  about: ofDomain,
  params,
  answers: { 200: { is: 'How it is', schema: directoryShape } },
  views: ['directory'],
})

const syncDirectory = route({
  verb: 'post',
  path: '/domains/:domain/directory/sync',
  tag: 'Domains',
  summary: "Copy the domain's LDAP directory now",
  description:
    'It is copied every night anyway. When more accounts are gone from it than policy lets go at once, nothing is done and an alarm is raised, unless `acceptRemovals` says that it is right.',
  access: { who: ['admin', 'domain-admin'], scope: 'domains:write' },
  about: ofDomain,
  params,
  body: z.strictObject({ acceptRemovals: z.boolean().default(false) }),
  answers: { 202: { is: 'It begins in a moment', schema: directoryShape } },
})

@Controller()
export class DomainDirectoryController {
  readonly #parts: ApiParts

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  @Route(showDirectory)
  async show(@TheCall() call: SignedCall<typeof showDirectory>): Promise<Answer> {
    return ok(this.#shown(call.params.domain))
  }

  @Route(syncDirectory)
  async sync(@TheCall() call: SignedCall<typeof syncDirectory>): Promise<Answer> {
    const { domain } = call.params
    const { acceptRemovals } = call.body
    const { position } = done(
      await this.#parts.commands.hostedDomain(domain, { kind: 'request-sync', acceptRemovals }, call.asked()),
    )
    await freshen(this.#parts, 'directory', position)
    return pending(this.#shown(domain), { position })
  }

  #shown(domain: string): z.output<typeof directoryShape> {
    const row = this.#parts.views.get<DomainRow>('directory', 'domains', [domain])
    if (row === undefined) throw notFound(`hosted domain ${domain}`)
    const { recipientSource, syncedAt, syncDueAt, syncLeaseUntil, syncProblem, syncResult } = row
    return {
      recipientSource,
      syncedAt: toTimeOrNull(syncedAt),
      dueAt: toTimeOrNull(syncDueAt),
      underWayUntil: toTimeOrNull(syncLeaseUntil),
      problem: syncProblem,
      result: syncResult === null ? null : result.parse(JSON.parse(syncResult)),
    }
  }
}
