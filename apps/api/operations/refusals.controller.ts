import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { refusalStage } from '#domain/edge/events'
import { client } from '#domain/message/client'
import { reply } from '#domain/message/reply'
import type { RefusalRow } from '#projections/refusals/projection'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { time, timeGiven, toTime } from '../resources/shapes.ts'
import { administeredDomains } from '../route/asker.ts'
import { ok, type Answer } from '../route/answer.ts'
import { pageFrom, pageOf, pageQuery, readCursor } from '../route/paging.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'

const VIEW = 'refusals'

const refusalShape = z
  .object({
    id: z.string(),
    at: time,
    stage: refusalStage,
    client,
    reversePath: z.string().nullable(),
    recipient: z.string().nullable(),
    reply,
    check: z.string(),
    evidence: z.string().nullable(),
    count: z.number().describe('more than 1 where equal ones were counted together'),
  })
  .meta({ id: 'Refusal' })

const listRefusals = route({
  verb: 'get',
  path: '/refusals',
  tag: 'Mails',
  summary: 'What was turned away before acceptance',
  description: 'Newest first. A domain administrator sees what was meant for the domain.',
  access: { who: ['admin', 'domain-admin'], scope: 'refusals:read' },
  query: z.strictObject({
    ...pageQuery,
    recipient: z.string().min(1).max(512).optional(),
    sender: z.string().max(512).optional(),
    ip: z.string().max(60).optional(),
    stage: refusalStage.optional(),
    check: z.string().max(100).optional(),
    after: timeGiven.optional(),
    before: timeGiven.optional(),
  }),
  answers: { 200: { is: 'Refusals', schema: pageOf(refusalShape) } },
  views: [VIEW],
})

@Controller()
export class RefusalsController {
  readonly #parts: ApiParts

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  @Route(listRefusals)
  list(@TheCall() call: SignedCall<typeof listRefusals>): Answer {
    const { cursor, limit, recipient, sender, ip, stage, check, after, before } = call.query
    const domains = administeredDomains(call.asker)
    const filters = {
      'position < :position': ['position', readCursor<readonly [string]>(cursor, ['string'])?.[0]],
      'recipientDomain = :domain': ['domain', domains === null ? undefined : (domains[0] ?? '')],
      'recipientKey = :recipient': ['recipient', recipient?.toLowerCase()],
      'senderKey = :sender': ['sender', sender?.toLowerCase()],
      'clientAddress = :ip': ['ip', ip],
      'stage = :stage': ['stage', stage],
      'checkName = :check': ['check', check],
      'at >= :after': ['after', after],
      'at < :before': ['before', before],
    } as const
    const given = Object.entries(filters).filter(([, [, value]]) => value !== undefined)
    const where = given.length === 0 ? '' : `WHERE ${given.map(([condition]) => condition).join(' AND ')}`
    const rows = this.#parts.views.select<RefusalRow>(
      VIEW,
      `SELECT * FROM {items} ${where} ORDER BY position DESC LIMIT :limit`,
      {
        ...Object.fromEntries(given.map(([, [name, value]]) => [name, value ?? null])),
        limit: limit + 1,
      },
    )
    return ok(pageFrom(rows, limit, ({ position }) => [position], shown))
  }
}

const shown = (row: RefusalRow) => ({
  id: row.id,
  at: toTime(row.at),
  stage: row.stage,
  client: { address: row.clientAddress, name: row.clientName, helo: row.clientHelo },
  reversePath: row.reversePath,
  recipient: row.recipient,
  reply: { code: row.replyCode, enhancedCode: row.replyEnhancedCode, text: row.replyText },
  check: row.checkName,
  evidence: row.evidence,
  count: row.count,
})
