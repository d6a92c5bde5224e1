import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { deferral, flow, route as routeOfMail, type Route as RouteOfMail } from '#domain/mail/events'
import { reply } from '#domain/message/reply'
import type { QueueRow } from '#projections/delivery-queue/projection'
import { MailStream } from '../mails/mail-stream.ts'
import { recipientStates } from '../mails/shapes.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { mailbox, mailId, reasonText, time, toTimeOrNull } from '../resources/shapes.ts'
import { ok, type Answer } from '../route/answer.ts'
import { freshen } from '../route/fresh-view.ts'
import { logReason } from '../route/given-reason.ts'
import { done } from '../route/outcome.ts'
import { pageFrom, pageOf, pageQuery, readCursor } from '../route/paging.ts'
import { notFound } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { queueCommand, type QueueAct } from './queue-acts.ts'
import { destinationShape, destinationsWaiting, shownDestination } from './queue-destinations.ts'
import { entriesMatching, QUEUE_VIEW, queueCriteria, queueStates } from './queue-filter.ts'
import { shownEntry } from './shown-entry.ts'

const entryShape = z
  .object({
    mail: z.string(),
    recipient: z.string(),
    address: z.string(),
    route: routeOfMail,
    flow,
    state: z.enum(queueStates),
    cause: deferral.nullable().describe('why it waits; `host-away`: tried as soon as its host is back'),
    redirectedTo: z.string().nullable(),
    attempts: z.number(),
    dueAt: time.nullable(),
    held: z.boolean(),
    reply: reply.nullable().describe("the host's last"),
    host: z.string().nullable(),
    reversePath: z.string().nullable(),
    subject: z.string().nullable(),
    size: z.number(),
    acceptedAt: time,
    queuedAt: time.nullable(),
  })
  .meta({ id: 'QueueEntry' })
const actedShape = z.object({
  mail: z.string(),
  recipient: z.string(),
  state: z.enum(recipientStates),
  held: z.boolean(),
  dueAt: time.nullable(),
})

const tag = 'Queue'
const reads = { who: ['admin'], scope: 'queue:read' } as const
const writes = { who: ['admin'], scope: 'queue:write' } as const
const params = z.object({ mail: mailId, recipient: mailbox })
const answers = { 200: { is: 'As it is now', schema: actedShape } }
const path = '/queue/:mail/:recipient'

const listQueue = route({
  verb: 'get',
  path: '/queue',
  tag,
  summary: 'What waits for delivery',
  description: 'What is undeliverable waits for an administrator; it is listed when it is asked for.',
  access: reads,
  query: z.strictObject({ ...pageQuery, ...queueCriteria, held: z.enum(['true', 'false']).optional() }),
  answers: { 200: { is: 'By mail and recipient', schema: pageOf(entryShape) } },
  views: [QUEUE_VIEW],
})
const listDestinations = route({
  verb: 'get',
  path: '/queue/destinations',
  tag,
  summary: 'What waits for delivery, by destination',
  access: reads,
  query: z.strictObject({
    ...pageQuery,
    destination: queueCriteria.destination,
    away: z.enum(['true', 'false']).optional(),
    order: z.enum(['name', 'waiting']).default('name').describe('`waiting`: those first that most waits for'),
  }),
  answers: { 200: { is: 'Destinations that something waits for', schema: pageOf(destinationShape) } },
  views: [QUEUE_VIEW],
})
const showEntry = route({
  verb: 'get',
  path,
  tag,
  summary: 'One mail that waits, for one recipient',
  access: reads,
  params,
  answers: { 200: { is: 'The entry', schema: entryShape } },
  views: [QUEUE_VIEW],
})
const act = (verb: QueueAct, summary: string) =>
  route({
    verb: 'post',
    path: `${path}/${verb}`,
    tag,
    summary,
    description: 'A `reason` goes into the log of the process, beside who acted.',
    access: writes,
    params,
    body: z.strictObject({ reason: reasonText.nullable().default(null) }).optional(),
    answers,
  })
const retry = act('retry', 'Try the next delivery now')
const bounce = act('bounce', 'Give up on it')
const hold = act('hold', 'Stop delivery attempts')
const unhold = act('unhold', 'Go on with delivery attempts')

@Controller()
export class QueueController {
  readonly #parts: ApiParts
  readonly #mails: MailStream

  constructor(@Inject(API_PARTS) parts: ApiParts, @Inject(MailStream) mails: MailStream) {
    this.#parts = parts
    this.#mails = mails
  }

  @Route(listQueue)
  list(@TheCall() call: SignedCall<typeof listQueue>): Answer {
    const { cursor, limit, held, ...criteria } = call.query
    const key = readCursor<readonly [string, string]>(cursor, ['string', 'string'])
    const rows = entriesMatching(
      this.#parts.views,
      { ...criteria, held: isTrue(held) },
      { after: key === null ? null : { mail: key[0], recipient: key[1] }, limit: limit + 1 },
    )
    return ok(pageFrom(rows, limit, ({ mail, recipient }) => [mail, recipient], shownEntry))
  }

  @Route(listDestinations)
  destinations(@TheCall() call: SignedCall<typeof listDestinations>): Answer {
    const { cursor, limit, away, ...query } = call.query
    const key = readCursor<readonly [string, RouteOfMail, number]>(cursor, ['string', 'string', 'number'])
    const rows = destinationsWaiting(this.#parts.views, {
      ...query,
      away: isTrue(away),
      after: key === null ? null : { domain: key[0], route: key[1], waiting: key[2] },
      limit: limit + 1,
      now: call.now,
    })
    return ok(pageFrom(rows, limit, (row) => [row.domain, row.route, row.waiting], shownDestination))
  }

  @Route(showEntry)
  async show(@TheCall() call: SignedCall<typeof showEntry>): Promise<Answer> {
    const { mail } = call.params
    const { recipient, position } = await this.#mails.recipientSeenBy(call.asker, mail, call.params.recipient)
    await freshen(this.#parts, QUEUE_VIEW, position)
    const row = this.#parts.views.get<QueueRow>(QUEUE_VIEW, 'entries', [mail, recipient.mailbox])
    if (row === undefined) throw notFound(`queued mail ${mail} of ${recipient.address}; it is ${recipient.state}`)
    return ok(shownEntry(row))
  }

  @Route(retry)
  retry(@TheCall() call: SignedCall<typeof retry>): Promise<Answer> {
    return this.#act('retry', call)
  }

  @Route(bounce)
  bounce(@TheCall() call: SignedCall<typeof bounce>): Promise<Answer> {
    return this.#act('bounce', call)
  }

  @Route(hold)
  hold(@TheCall() call: SignedCall<typeof hold>): Promise<Answer> {
    return this.#act('hold', call)
  }

  @Route(unhold)
  unhold(@TheCall() call: SignedCall<typeof unhold>): Promise<Answer> {
    return this.#act('unhold', call)
  }

  async #act(verb: QueueAct, call: SignedCall<typeof retry>): Promise<Answer> {
    const id = call.params.mail
    const { mailbox } = (await this.#mails.recipientSeenBy(call.asker, id, call.params.recipient)).recipient
    const { state, position } = done(
      await this.#parts.commands.mail(id, queueCommand(verb, mailbox, call.asker.address, call.now), call.asked()),
    )
    logReason(this.#parts, call, verb, { mail: id, recipient: mailbox }, call.body?.reason ?? null)
    const recipient = state?.recipients.find((one) => one.mailbox === mailbox)
    if (recipient === undefined) throw notFound(`recipient ${mailbox} of mail ${id}`)
    return ok(
      {
        mail: id,
        recipient: mailbox,
        state: recipient.state,
        held: recipient.held,
        dueAt: toTimeOrNull(recipient.dueAt),
      },
      { position },
    )
  }
}

const isTrue = (given: 'true' | 'false' | undefined): boolean | undefined =>
  given === undefined ? undefined : given === 'true'
