import { Readable } from 'node:stream'
import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { recipientOf } from '#domain/mail/state'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { mailId } from '../resources/shapes.ts'
import { type Asker, hasRole } from '../route/asker.ts'
import type { Answer } from '../route/answer.ts'
import { forbidden, invalid, Problem } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { MailStream } from './mail-stream.ts'
import { heldAsVirus, isOwn } from './part.ts'

const readContent = route({
  verb: 'get',
  path: '/mails/:mail/content',
  tag: 'Mails',
  summary: 'The message, byte for byte as it was accepted',
  description:
    'A user reads their own, unless it is held as a virus. A compliance officer reads any, with the reason in `Mailkeep-Reason`. Each reading is recorded before it is answered.',
  access: { who: ['compliance', 'self'], scope: 'content:read' },
  params: z.object({ mail: mailId }),
  reason: true,
  answers: { 200: { is: 'The message', type: 'message/rfc822' } },
})

@Controller()
export class ContentController {
  readonly #parts: ApiParts
  readonly #mails: MailStream

  constructor(@Inject(API_PARTS) parts: ApiParts, @Inject(MailStream) mails: MailStream) {
    this.#parts = parts
    this.#mails = mails
  }

  @Route(readContent)
  async read(@TheCall() call: SignedCall<typeof readContent>): Promise<Answer> {
    const id = call.params.mail
    const officer = hasRole(call.asker, 'compliance')
    if (officer && call.reason === null) throw reasonMissing()
    const { mail } = await this.#mails.find(id)
    const own = isOwn(call.asker, mail)
    if (!own && !officer) throw await this.#withheld(call.asker, id)
    if (!officer && heldAsVirus(mail, recipientOf(mail, call.asker.address))) {
      throw forbidden('It is held as a virus and can not be read.')
    }
    if (mail.dropped || !(await this.#parts.content.has(mail.contentHash))) {
      throw new Problem('gone', 'The content of this mail is no longer kept; its events are.')
    }
    await this.#parts.journal.access(
      {
        type: 'ContentRead',
        data: {
          mail: id,
          recipient: recipientOf(mail, call.asker.address)?.mailbox ?? null,
          by: call.asker.address,
          as: officer ? 'compliance' : 'user',
          reason: call.reason,
        },
      },
      { kind: 'account', address: call.asker.address },
    )
    return {
      status: 200,
      stream: Readable.from(this.#parts.content.open(mail.contentHash), { objectMode: false }),
      headers: {
        'Content-Type': 'message/rfc822',
        'Content-Length': String(mail.accepted.size),
        'Content-Disposition': `attachment; filename="${id}.eml"`,
        'Content-Security-Policy': "default-src 'none'; sandbox",
        'Cache-Control': 'no-store',
      },
    }
  }

  /** Who may see the envelope learns that content is not for them; for anybody else there is no such mail. */
  async #withheld(asker: Asker, id: string): Promise<Problem> {
    await this.#mails.seenBy(asker, id)
    return forbidden(
      'Administrators see envelopes and verdicts, not content; a compliance officer may read it, with a reason.',
    )
  }
}

const reasonMissing = (): Problem =>
  invalid('header.mailkeep-reason', "an officer's reading carries its reason in this header")
