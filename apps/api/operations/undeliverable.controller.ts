import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import type { MailCommand } from '#domain/mail/commands'
import { resolveRecipient } from '#projections/directory/resolve'
import { MailStream } from '../mails/mail-stream.ts'
import { recipientStates } from '../mails/shapes.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { mailbox, mailId, reasonText } from '../resources/shapes.ts'
import { ok, type Answer } from '../route/answer.ts'
import { freshen } from '../route/fresh-view.ts'
import { logReason } from '../route/given-reason.ts'
import { done } from '../route/outcome.ts'
import { notFound, Problem } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'

const tag = 'Queue'
const access = { who: ['admin'], scope: 'queue:write' } as const
const params = z.object({ mail: mailId, recipient: mailbox })
const reason = reasonText.nullable().default(null)
const description = 'A `reason` goes into the log of the process, beside who acted.'
const answers = {
  200: {
    is: 'As it is now',
    schema: z.object({ mail: z.string(), recipient: z.string(), state: z.enum(recipientStates) }),
  },
}

const redirect = route({
  verb: 'post',
  path: '/queue/:mail/:recipient/redirect',
  tag,
  summary: 'Deliver what is undeliverable to another mailbox',
  description,
  access,
  params,
  body: z.strictObject({ to: mailbox, reason }),
  answers,
})
const discard = route({
  verb: 'post',
  path: '/queue/:mail/:recipient/discard',
  tag,
  summary: 'Discard what is undeliverable',
  description,
  access,
  params,
  body: z.strictObject({ reason }).optional(),
  answers,
})

/** What nobody may be told of waits for a word of the administrator's (design.md §3, no backscatter). */
@Controller()
export class UndeliverableController {
  readonly #parts: ApiParts
  readonly #mails: MailStream

  constructor(@Inject(API_PARTS) parts: ApiParts, @Inject(MailStream) mails: MailStream) {
    this.#parts = parts
    this.#mails = mails
  }

  @Route(redirect)
  async redirect(@TheCall() call: SignedCall<typeof redirect>): Promise<Answer> {
    const to = await this.#mailboxOf(call.body.to)
    return this.#act('redirect', call, call.body.reason, (recipient, by) => ({
      kind: 'redirect',
      recipient,
      to,
      by,
      now: call.now,
    }))
  }

  @Route(discard)
  discard(@TheCall() call: SignedCall<typeof discard>): Promise<Answer> {
    return this.#act('discard', call, call.body?.reason ?? null, (recipient, by) => ({
      kind: 'discard-undeliverable',
      recipient,
      by,
      now: call.now,
    }))
  }

  async #mailboxOf(address: string): Promise<string> {
    const { events, views } = this.#parts
    await freshen(this.#parts, 'directory', await events.lastPosition({ categories: ['domain', 'account'] }))
    const found = resolveRecipient(address, (table, key) => views.get('directory', table, key))
    // To the mailbox of that name itself, wherever it may forward its mail to.
    if (found.kind === 'mailboxes' && found.account !== null) return found.account
    const [only, ...more] = found.kind === 'mailboxes' ? found.recipients : []
    if (only !== undefined && more.length === 0) return only.mailbox
    const problem =
      only === undefined
        ? `there is no mailbox ${address} here`
        : `${address} leads to ${more.length + 1} mailboxes, expected one`
    throw new Problem('invalid', `body.to: ${problem}`, { problems: [{ where: 'body.to', problem }] })
  }

  async #act(
    act: string,
    call: SignedCall<typeof redirect> | SignedCall<typeof discard>,
    why: string | null,
    command: (recipient: string, by: string) => MailCommand,
  ): Promise<Answer> {
    const id = call.params.mail
    const { mailbox: key } = (await this.#mails.recipientSeenBy(call.asker, id, call.params.recipient)).recipient
    const { state, position } = done(
      await this.#parts.commands.mail(id, command(key, call.asker.address), call.asked()),
    )
    logReason(this.#parts, call, act, { mail: id, recipient: key }, why)
    const recipient = state?.recipients.find((one) => one.mailbox === key)
    if (recipient === undefined) throw notFound(`recipient ${key} of mail ${id}`)
    return ok({ mail: id, recipient: key, state: recipient.state }, { position })
  }
}
