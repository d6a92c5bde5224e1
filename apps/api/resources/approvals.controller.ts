import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import type { ApprovalRow } from '#projections/approvals/projection'
import { domainAsker } from '../auth/domain-asker.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { hasRole, type Asker } from '../route/asker.ts'
import { ok, pending, type Answer } from '../route/answer.ts'
import { freshen } from '../route/fresh-view.ts'
import { done } from '../route/outcome.ts'
import { pageFrom, pageOf, pageQuery, readCursor } from '../route/paging.ts'
import { invalid, notFound } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { Officers } from './officers.ts'
import { mailbox, roles, time, toTime, toTimeOrNull } from './shapes.ts'

const VIEW = 'approvals'
const states = ['waiting', 'approved', 'refused', 'applied'] as const

const kind = z.enum(['roles', 'password', 'archive-search', 'archive-export'])
const archiveAccess = z.object({
  accounts: z.array(z.string()).nullable().describe('null: all'),
  query: z.string().nullable().describe('null: everything, newest first'),
  reason: z.string(),
  until: time.describe('the approval is good until then'),
})

const approvalShape = z
  .object({
    id: z.string(),
    kind,
    account: z.string(),
    roles: roles.nullable(),
    archive: archiveAccess.nullable().describe('what an officer wants to look for; for officers to see'),
    requestedBy: z.string(),
    requestedAt: time,
    dueAt: time.nullable().describe('takes effect by itself then; null: never'),
    state: z.enum(states),
    decidedBy: z.string().nullable(),
    decidedAt: time.nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'Approval' })

const who = ['admin', 'compliance'] as const
const params = z.object({ id: z.uuid() })

const requestAccess = route({
  verb: 'post',
  path: '/approvals',
  tag: 'Approvals',
  summary: 'Ask a second officer for a search across accounts, or an export',
  description:
    'Where policy wants four eyes (`archive.fourEyes`); with the reason in `Mailkeep-Reason`. Once it is approved its id goes into `Mailkeep-Approval`, until the time that policy gives it is over.',
  access: { who: ['compliance'], scope: 'approvals:write' },
  reason: true,
  body: z.strictObject({
    kind: kind.extract(['archive-search', 'archive-export']),
    accounts: z.array(mailbox).min(1).max(1_000).nullable().default(null).describe('null: all'),
    query: z.string().min(1).max(4_000).nullable().default(null).describe('null: everything'),
  }),
  answers: { 202: { is: 'It waits for another officer', schema: approvalShape } },
})

const listApprovals = route({
  verb: 'get',
  path: '/approvals',
  tag: 'Approvals',
  summary: 'What waits for a second person',
  access: { who, scope: 'approvals:read' },
  query: z.strictObject({ ...pageQuery, state: z.enum(states).optional() }),
  answers: { 200: { is: 'Newest first', schema: pageOf(approvalShape) } },
  views: [VIEW],
})
const showApproval = route({
  verb: 'get',
  path: '/approvals/:id',
  tag: 'Approvals',
  summary: 'An approval',
  access: { who, scope: 'approvals:read' },
  params,
  answers: { 200: { is: 'The approval', schema: approvalShape } },
  views: [VIEW],
})
const approve = route({
  verb: 'post',
  path: '/approvals/:id/approve',
  tag: 'Approvals',
  summary: 'Approve; the change takes effect at once',
  description: 'Never by the person who asked, nor by the account it is about.',
  access: { who, scope: 'approvals:write' },
  params,
  answers: { 200: { is: 'Approved and carried out', schema: approvalShape } },
})
const refuse = route({
  verb: 'post',
  path: '/approvals/:id/refuse',
  tag: 'Approvals',
  summary: 'Refuse',
  access: { who, scope: 'approvals:write' },
  params,
  body: z.strictObject({ reason: z.string().trim().max(1_000).nullable().optional() }).optional(),
  answers: { 200: { is: 'Refused', schema: approvalShape } },
})

@Controller()
export class ApprovalsController {
  readonly #parts: ApiParts
  readonly #officers: Officers

  constructor(@Inject(API_PARTS) parts: ApiParts, @Inject(Officers) officers: Officers) {
    this.#parts = parts
    this.#officers = officers
  }

  @Route(requestAccess)
  async request(@TheCall() call: SignedCall<typeof requestAccess>): Promise<Answer> {
    const { policies } = this.#parts
    const { reason } = call
    if (reason === null) throw invalid('header.mailkeep-reason', 'an officer says in this header what it is for')
    await policies.fresh()
    const until = call.now + policies.current('archive').document.approvalFor
    const subject = { ...call.body, account: call.asker.address, reason, until }
    const { approval, position } = await this.#officers.request(subject, call)
    await freshen(this.#parts, VIEW, position)
    return pending(this.#row(approval.id, call.asker), { position })
  }

  @Route(listApprovals)
  list(@TheCall() call: SignedCall<typeof listApprovals>): Answer {
    const { cursor, limit, state } = call.query
    const after = readCursor<readonly [number, string]>(cursor, ['number', 'string'])
    const rows = this.#parts.views.select<ApprovalRow>(
      VIEW,
      `SELECT * FROM {approvals}
        WHERE (:state IS NULL OR state = :state)
          AND (:at IS NULL OR requestedAt < :at OR (requestedAt = :at AND id > :id))
        ORDER BY requestedAt DESC, id LIMIT :limit`,
      { state: state ?? null, at: after?.[0] ?? null, id: after?.[1] ?? '', limit: limit + 1 },
    )
    return ok(
      pageFrom(
        rows,
        limit,
        (row) => [row.requestedAt, row.id],
        (row) => shown(row, call.asker),
      ),
    )
  }

  @Route(showApproval)
  show(@TheCall() call: SignedCall<typeof showApproval>): Answer {
    return ok(this.#row(call.params.id, call.asker))
  }

  @Route(approve)
  async approve(@TheCall() call: SignedCall<typeof approve>): Promise<Answer> {
    const { id } = call.params
    const { state, position: approved } = done(
      await this.#parts.commands.approval(
        id,
        { kind: 'approve', asker: domainAsker(call.asker) },
        call.asked('approve'),
      ),
    )
    if (state === null) throw notFound(`approval ${id}`)
    const carriedOut = await this.#officers.carryOut(id, state.subject, call)
    const position = carriedOut ?? approved
    await freshen(this.#parts, VIEW, position)
    return ok(this.#row(id, call.asker), { position })
  }

  @Route(refuse)
  async refuse(@TheCall() call: SignedCall<typeof refuse>): Promise<Answer> {
    const { id } = call.params
    const command = { kind: 'refuse', asker: domainAsker(call.asker), reason: call.body?.reason ?? null } as const
    const { position } = done(await this.#parts.commands.approval(id, command, call.asked('refuse')))
    await freshen(this.#parts, VIEW, position)
    return ok(this.#row(id, call.asker), { position })
  }

  #row(id: string, asker: Asker): object {
    const row = this.#parts.views.get<ApprovalRow>(VIEW, 'approvals', [id])
    if (row === undefined) throw notFound(`approval ${id}`)
    return shown(row, asker)
  }
}

const shown = (row: ApprovalRow, asker: Asker) => ({
  id: row.id,
  kind: row.kind,
  account: row.account,
  roles: row.roles === null ? null : (JSON.parse(row.roles) as string[]),
  archive: row.archive === null || !hasRole(asker, 'compliance') ? null : shownAccess(row.archive),
  requestedBy: row.requestedBy,
  requestedAt: toTime(row.requestedAt),
  dueAt: toTimeOrNull(row.dueAt),
  state: row.state,
  decidedBy: row.decidedBy,
  decidedAt: toTimeOrNull(row.decidedAt),
  reason: row.reason,
})

const shownAccess = (stored: string): object => {
  const { until, ...access } = JSON.parse(stored) as { readonly until: number }
  return { ...access, until: toTime(until) }
}
