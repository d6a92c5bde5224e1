import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import type { ApprovalRow } from '#projections/approvals/projection'
import { domainAsker } from '../auth/domain-asker.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { ok, type Answer } from '../route/answer.ts'
import { freshen } from '../route/fresh-view.ts'
import { done } from '../route/outcome.ts'
import { pageFrom, pageOf, pageQuery, readCursor } from '../route/paging.ts'
import { notFound } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { Officers } from './officers.ts'
import { roles, time, toTime, toTimeOrNull } from './shapes.ts'

const VIEW = 'approvals'
const states = ['waiting', 'approved', 'refused', 'applied'] as const

const approvalShape = z
  .object({
    id: z.string(),
    kind: z.enum(['roles', 'password']),
    account: z.string(),
    roles: roles.nullable(),
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
    return ok(pageFrom(rows, limit, (row) => [row.requestedAt, row.id], shown))
  }

  @Route(showApproval)
  show(@TheCall() call: SignedCall<typeof showApproval>): Answer {
    return ok(this.#row(call.params.id))
  }

  @Route(approve)
  async approve(@TheCall() call: SignedCall<typeof approve>): Promise<Answer> {
    const { id } = call.params
    const { state } = done(
      await this.#parts.commands.approval(
        id,
        { kind: 'approve', asker: domainAsker(call.asker) },
        call.asked('approve'),
      ),
    )
    if (state === null) throw notFound(`approval ${id}`)
    const position = await this.#officers.carryOut(id, state.subject, call)
    await freshen(this.#parts, VIEW, position)
    return ok(this.#row(id), { position })
  }

  @Route(refuse)
  async refuse(@TheCall() call: SignedCall<typeof refuse>): Promise<Answer> {
    const { id } = call.params
    const command = { kind: 'refuse', asker: domainAsker(call.asker), reason: call.body?.reason ?? null } as const
    const { position } = done(await this.#parts.commands.approval(id, command, call.asked('refuse')))
    await freshen(this.#parts, VIEW, position)
    return ok(this.#row(id), { position })
  }

  #row(id: string): object {
    const row = this.#parts.views.get<ApprovalRow>(VIEW, 'approvals', [id])
    if (row === undefined) throw notFound(`approval ${id}`)
    return shown(row)
  }
}

const shown = (row: ApprovalRow) => ({
  id: row.id,
  kind: row.kind,
  account: row.account,
  roles: row.roles === null ? null : (JSON.parse(row.roles) as string[]),
  requestedBy: row.requestedBy,
  requestedAt: toTime(row.requestedAt),
  dueAt: toTimeOrNull(row.dueAt),
  state: row.state,
  decidedBy: row.decidedBy,
  decidedAt: toTimeOrNull(row.decidedAt),
  reason: row.reason,
})
