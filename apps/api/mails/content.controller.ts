import { Readable } from 'node:stream'
import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { type Mail, recipientOf } from '#domain/mail/state'
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
    'A user reads their own (what they sent as they submitted it, what they got as it went out), unless it is held as a virus. A compliance officer reads any, with the reason in `Mailkeep-Reason`. Each reading is recorded before it is answered.',
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
    const { contentHash, size } = contentFor(call.asker, mail)
    if (mail.dropped.includes(contentHash) || !(await this.#parts.content.has(contentHash))) {
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
      stream: Readable.from(this.#parts.content.open(contentHash), { objectMode: false }),
      headers: {
        'Content-Type': 'message/rfc822',
        'Content-Length': String(size),
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

/** Of a submission its sender, and an officer, read the original; whoever got it reads what went out: without Bcc. */
const contentFor = (asker: Asker, { accepted }: Mail): { readonly contentHash: string; readonly size: number } =>
  accepted.account?.toLowerCase() === asker.address || hasRole(asker, 'compliance')
    ? accepted
    : (accepted.outgoing ?? accepted)

const reasonMissing = (): Problem =>
  invalid('header.mailkeep-reason', "an officer's reading carries its reason in this header")
