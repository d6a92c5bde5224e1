import { Inject, Injectable } from '@nestjs/common'
import type { Mail, RecipientState } from '#domain/mail/state'
import { mailStream } from '#domain/mail/events'
import { aggregates } from '#infra/commands/aggregates'
import type { Position, RecordedEvent } from '#infra/event-log/port'
import { API_PARTS, type ApiParts } from '../parts.ts'
import type { Asker } from '../route/asker.ts'
import { notFound } from '../route/problem.ts'
import { namedRecipient, visibleIn } from './part.ts'

const PAGE = 1_000
/** Beyond this a mail's page would be of no use to anybody; 1,000 recipients with ten events each are within. */
const MAX_EVENTS = 50_000

export interface SeenMail {
  readonly mail: Mail
  readonly visible: ReadonlySet<string>
  readonly position: Position | null
}

/** One mail from its own stream, as far as somebody may see it. What nobody may see is not there. */
@Injectable()
export class MailStream {
  readonly #parts: ApiParts

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  /** The whole mail, whoever asks: for officers. */
  async find(id: string): Promise<{ mail: Mail; position: Position | null }> {
    const { state, position } = await this.#parts.states.loadNewest(aggregates.mail, aggregates.mail.stream(id))
    if (state === null) throw notFound(`mail ${id}`)
    return { mail: state, position }
  }

  async seenBy(asker: Asker, id: string): Promise<SeenMail> {
    const { mail, position } = await this.find(id)
    const visible = visibleIn(asker, mail)
    if (visible.size === 0) throw notFound(`mail ${id}`)
    return { mail, visible, position }
  }

  async recipientSeenBy(
    asker: Asker,
    id: string,
    named: string,
  ): Promise<SeenMail & { readonly recipient: RecipientState }> {
    const seen = await this.seenBy(asker, id)
    const recipient = namedRecipient(seen.mail, named)
    if (recipient === undefined || !seen.visible.has(recipient.mailbox))
      throw notFound(`recipient ${named} of mail ${id}`)
    return { ...seen, recipient }
  }

  async events(id: string): Promise<RecordedEvent[]> {
    const events: RecordedEvent[] = []
    while (events.length < MAX_EVENTS) {
      const page = await this.#parts.events.readStream(mailStream(id), { from: events.length, limit: PAGE })
      events.push(...page)
      if (page.length < PAGE) break
    }
    return events
  }
}
