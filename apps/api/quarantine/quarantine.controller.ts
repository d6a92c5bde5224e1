import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { quarantineReason } from '#domain/mail/events'
import { domainOf } from '#domain/message/mailbox'
import type { QuarantineRow } from '#projections/quarantine/projection'
import { MailStream } from '../mails/mail-stream.ts'
import { heldAsVirus } from '../mails/part.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { mailbox, mailId, reasonText, timeGiven } from '../resources/shapes.ts'
import { administers } from '../route/asker.ts'
import { ok, pending, type Answer } from '../route/answer.ts'
import { freshen } from '../route/fresh-view.ts'
import { pageFrom, pageOf, pageQuery, readCursor } from '../route/paging.ts'
import { forbidden, notFound, Problem } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { Previews, previewShape } from './preview.ts'
import { QUARANTINE_VIEW, QuarantineReads } from './quarantine-reads.ts'
import { type Done, QuarantineActs } from './release.ts'
import { explainedItem, itemShape, releaseResult } from './shapes.ts'

const tag = 'Quarantine'
const who = ['self', 'domain-admin'] as const
const reads = { who, scope: 'quarantine:read' } as const
const writes = { who, scope: 'quarantine:write' } as const
const params = z.object({ mail: mailId, recipient: mailbox })
const reason = reasonText.nullable().optional()
const results = {
  200: { is: 'Done', schema: releaseResult },
  202: { is: 'Under way: the scan before the release has not answered yet', schema: releaseResult },
}

const listHeld = route({
  verb: 'get',
  path: '/quarantine',
  tag,
  summary: 'What is held',
  description: 'Newest first. A user sees what is held for them, an administrator what is held in the domain.',
  access: reads,
  query: z.strictObject({
    ...pageQuery,
    recipient: mailbox.optional(),
    reason: quarantineReason.optional(),
    from: z.string().min(1).max(320).optional().describe("in the sender's addresses or name"),
    subject: z.string().min(1).max(200).optional(),
    after: timeGiven.optional(),
    before: timeGiven.optional(),
    minScore: z.coerce.number().optional(),
  }),
  answers: { 200: { is: 'Held mail', schema: pageOf(itemShape) } },
  views: [QUARANTINE_VIEW],
})
const showHeld = route({
  verb: 'get',
  path: '/quarantine/:mail/:recipient',
  tag,
  summary: 'One held mail of one recipient',
  access: reads,
  params,
  answers: { 200: { is: 'The item', schema: itemShape } },
  views: [QUARANTINE_VIEW],
})
const release = route({
  verb: 'post',
  path: '/quarantine/:mail/:recipient/release',
  tag,
  summary: 'Release: scanned again, then delivered to the inbox',
  description:
    'With `trustSender` the sender joins the allow list. Viruses are released by an administrator only, with a reason.',
  access: writes,
  params,
  body: z.strictObject({ trustSender: z.boolean().default(false), reason }).optional(),
  answers: results,
})
const discard = route({
  verb: 'post',
  path: '/quarantine/:mail/:recipient/discard',
  tag,
  summary: 'Discard for good',
  description: 'A `reason` goes into the log of the process, beside who acted.',
  access: writes,
  params,
  body: z.strictObject({ reason }).optional(),
  answers: { 200: results[200] },
})
const blockSender = route({
  verb: 'post',
  path: '/quarantine/:mail/:recipient/block-sender',
  tag,
  summary: "Put the sender on the recipient's block list",
  access: writes,
  params,
  answers: { 200: { is: 'Blocked', schema: z.object({ mailbox: z.string(), entry: z.string() }) } },
})
const preview = route({
  verb: 'get',
  path: '/quarantine/:mail/:recipient/preview',
  tag,
  summary: 'Read a held mail as plain text',
  description: 'For its recipient only, and not while it is held as a virus. Each reading is recorded.',
  access: reads,
  params,
  answers: { 200: { is: 'The beginning of the mail as text', schema: previewShape } },
})

@Controller()
export class QuarantineController {
  readonly #parts: ApiParts
  readonly #mails: MailStream
  readonly #held: QuarantineReads
  readonly #acts: QuarantineActs
  readonly #previews: Previews

  constructor(
    @Inject(API_PARTS) parts: ApiParts,
    @Inject(MailStream) mails: MailStream,
    @Inject(QuarantineReads) held: QuarantineReads,
    @Inject(QuarantineActs) acts: QuarantineActs,
    @Inject(Previews) previews: Previews,
  ) {
    this.#parts = parts
    this.#mails = mails
    this.#held = held
    this.#acts = acts
    this.#previews = previews
  }

  @Route(listHeld)
  list(@TheCall() call: SignedCall<typeof listHeld>): Answer {
    const { cursor, limit, ...query } = call.query
    if (
      query.recipient !== undefined &&
      query.recipient !== call.asker.address &&
      !administers(call.asker, domainOf(query.recipient))
    ) {
      throw forbidden(`You may not see what is held for ${query.recipient}.`)
    }
    const after = readCursor<readonly [string, string]>(cursor, ['string', 'string'])
    const rows = this.#held.find(call.asker, query, after, limit + 1)
    const symbols = this.#held.symbolsOf(rows.map(({ mail }) => mail))
    const shown = (row: QuarantineRow) => explainedItem(row, symbols.get(row.mail) ?? [])
    return ok(pageFrom(rows, limit, ({ mail, recipient }) => [mail, recipient], shown))
  }

  @Route(showHeld)
  async show(@TheCall() call: SignedCall<typeof showHeld>): Promise<Answer> {
    const { mail, recipient } = call.params
    const seen = await this.#mails.recipientSeenBy(call.asker, mail, recipient)
    await freshen(this.#parts, QUARANTINE_VIEW, seen.position)
    const row = this.#held.get(mail, seen.recipient.mailbox)
    if (row === undefined) throw notFound(`held mail ${mail} of ${recipient}; it is ${seen.recipient.state}`)
    return ok(explainedItem(row, this.#held.symbolsOf([mail]).get(mail) ?? []))
  }

  @Route(release)
  async release(@TheCall() call: SignedCall<typeof release>): Promise<Answer> {
    const { trustSender = false, reason = null } = call.body ?? {}
    return answerOf(await this.#acts.release({ ...call.params, trustSender, reason }, call))
  }

  @Route(discard)
  async discard(@TheCall() call: SignedCall<typeof discard>): Promise<Answer> {
    return answerOf(await this.#acts.discard({ ...call.params, reason: call.body?.reason ?? null }, call))
  }

  @Route(blockSender)
  async blockSender(@TheCall() call: SignedCall<typeof blockSender>): Promise<Answer> {
    const { position, ...blocked } = await this.#acts.blockSender(call.params, call)
    return ok(blocked, { position })
  }

  @Route(preview)
  async preview(@TheCall() call: SignedCall<typeof preview>): Promise<Answer> {
    const { mail, recipient } = await this.#mails.recipientSeenBy(call.asker, call.params.mail, call.params.recipient)
    if (recipient.mailbox !== call.asker.address)
      throw forbidden('Only its recipient may read a held mail; administrators see envelopes and verdicts.')
    if (heldAsVirus(mail, recipient)) throw forbidden('It is held as a virus and can not be read.')
    if (mail.dropped.includes(mail.contentHash) || !(await this.#parts.content.has(mail.contentHash)))
      throw new Problem('gone', 'The content of this mail is no longer kept.')
    await this.#parts.journal.access(
      {
        type: 'ContentRead',
        data: {
          mail: call.params.mail,
          recipient: recipient.mailbox,
          by: call.asker.address,
          as: 'user',
          reason: null,
        },
      },
      { kind: 'account', address: call.asker.address },
    )
    return ok(await this.#previews.of(mail.contentHash), { headers: { 'Cache-Control': 'no-store' } })
  }
}

const answerOf = ({ result, position }: Done): Answer =>
  result.state === 'releasing' ? pending(result, { position }) : ok(result, { position })
