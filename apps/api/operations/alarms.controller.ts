import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { alarmKind } from '#domain/alarm/events'
import type { AlarmRow } from '#projections/alarms/projection'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { time, toTime, toTimeOrNull } from '../resources/shapes.ts'
import { ok, type Answer } from '../route/answer.ts'
import { freshen } from '../route/fresh-view.ts'
import { done } from '../route/outcome.ts'
import { pageFrom, pageOf, pageQuery, readCursor } from '../route/paging.ts'
import { notFound } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'

const VIEW = 'alarms'
const states = ['raised', 'acknowledged', 'over'] as const

const alarmShape = z
  .object({
    id: z.string(),
    kind: alarmKind,
    subject: z.string(),
    detail: z.string(),
    state: z.enum(states),
    raisedAt: time,
    acknowledgedBy: z.string().nullable(),
    acknowledgedAt: time.nullable(),
    overAt: time.nullable(),
    times: z.number().describe('how often it was raised in all'),
  })
  .meta({ id: 'Alarm' })

const listAlarms = route({
  verb: 'get',
  path: '/alarms',
  tag: 'Operation',
  summary: 'Alarms',
  access: { who: ['admin'], scope: 'alarms:read' },
  query: z.strictObject({ ...pageQuery, state: z.enum(states).optional() }),
  answers: { 200: { is: 'Newest first', schema: pageOf(alarmShape) } },
  views: [VIEW],
})
const acknowledge = route({
  verb: 'post',
  path: '/alarms/:id/acknowledge',
  tag: 'Operation',
  summary: 'Somebody has seen it',
  access: { who: ['admin'], scope: 'alarms:write' },
  params: z.object({ id: z.string().min(3).max(300) }),
  answers: { 200: { is: 'The alarm', schema: alarmShape } },
})

@Controller()
export class AlarmsController {
  readonly #parts: ApiParts

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  @Route(listAlarms)
  list(@TheCall() call: SignedCall<typeof listAlarms>): Answer {
    const { cursor, limit, state } = call.query
    const after = readCursor<readonly [number, string]>(cursor, ['number', 'string'])
    const rows = this.#parts.views.select<AlarmRow>(
      VIEW,
      `SELECT * FROM {alarms}
        WHERE (:state IS NULL OR state = :state) AND (:at IS NULL OR raisedAt < :at OR (raisedAt = :at AND id > :id))
        ORDER BY raisedAt DESC, id LIMIT :limit`,
      { state: state ?? null, at: after?.[0] ?? null, id: after?.[1] ?? '', limit: limit + 1 },
    )
    return ok(pageFrom(rows, limit, ({ raisedAt, id }) => [raisedAt, id], shown))
  }

  @Route(acknowledge)
  async acknowledge(@TheCall() call: SignedCall<typeof acknowledge>): Promise<Answer> {
    const { id } = call.params
    const { position, state } = done(
      await this.#parts.commands.alarm(id, { kind: 'acknowledge', by: call.asker.address }, call.asked()),
    )
    if (state === null) throw notFound(`alarm ${id}`)
    await freshen(this.#parts, VIEW, position)
    const row = this.#parts.views.get<AlarmRow>(VIEW, 'alarms', [id])
    if (row === undefined) throw notFound(`alarm ${id}`)
    return ok(shown(row), { position })
  }
}

const shown = (row: AlarmRow) => ({
  id: row.id,
  kind: row.kind,
  subject: row.subject,
  detail: row.detail,
  state: row.state,
  raisedAt: toTime(row.raisedAt),
  acknowledgedBy: row.acknowledgedBy,
  acknowledgedAt: toTimeOrNull(row.acknowledgedAt),
  overAt: toTimeOrNull(row.clearedAt),
  times: row.times,
})
