import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { flow } from '#domain/mail/events'
import { timeGiven, mailId } from '../resources/shapes.ts'
import { ok, type Answer } from '../route/answer.ts'
import { pageFrom, pageOf, pageQuery, readCursor } from '../route/paging.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { MailStream } from './mail-stream.ts'
import { mailShape, mailSummary, recipientStates } from './shapes.ts'
import { shownMail, shownRow } from './shown.ts'
import { Trace } from './trace.ts'

const who = ['admin', 'domain-admin', 'self'] as const

const listMails = route({
  verb: 'get',
  path: '/mails',
  tag: 'Mails',
  summary: 'Find mails: the trace',
  description:
    "Newest first. A user finds their own mail and of it their own recipient's part; a domain administrator that of the domain. An item has no `events`: GET /mails/{mail} gives them.",
  access: { who, scope: 'mails:read' },
  query: z.strictObject({
    ...pageQuery,
    address: z.string().min(2).max(320).optional().describe('sender or recipient; `@domain` for a whole domain'),
    text: z.string().min(1).max(200).optional().describe('in subject, addresses, Message-ID or mail id'),
    ip: z.string().max(60).optional(),
    messageId: z.string().max(998).optional(),
    flow: flow.optional(),
    state: z.enum(recipientStates).optional().describe('of any recipient'),
    after: timeGiven.optional(),
    before: timeGiven.optional(),
  }),
  answers: { 200: { is: 'Mails without their events', schema: pageOf(mailSummary) } },
  views: ['mail-trace'],
})

const showMail = route({
  verb: 'get',
  path: '/mails/:mail',
  tag: 'Mails',
  summary: 'A mail, folded from its stream, with every event',
  access: { who, scope: 'mails:read' },
  params: z.object({ mail: mailId }),
  answers: { 200: { is: 'The mail', schema: mailShape } },
})

@Controller()
export class MailsController {
  readonly #mails: MailStream
  readonly #trace: Trace

  constructor(@Inject(MailStream) mails: MailStream, @Inject(Trace) trace: Trace) {
    this.#mails = mails
    this.#trace = trace
  }

  @Route(listMails)
  list(@TheCall() call: SignedCall<typeof listMails>): Answer {
    const { cursor, limit, ...query } = call.query
    const after = readCursor<readonly [string]>(cursor, ['string'])
    const found = this.#trace.find(call.asker, query, after?.[0] ?? null, limit + 1)
    return ok(
      pageFrom(
        found,
        limit,
        ({ row }) => [row.mail],
        ({ row, recipients }) => shownRow(row, recipients),
      ),
    )
  }

  @Route(showMail)
  async show(@TheCall() call: SignedCall<typeof showMail>): Promise<Answer> {
    const id = call.params.mail
    const { mail, visible } = await this.#mails.seenBy(call.asker, id)
    const events = await this.#mails.events(id)
    const shown = shownMail(id, mail, events, visible)
    return ok(shown)
  }
}
