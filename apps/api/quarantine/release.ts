import { setTimeout as delay } from 'node:timers/promises'
import { Inject, Injectable } from '@nestjs/common'
import type { Mail, RecipientState } from '#domain/mail/state'
import { domainOf } from '#domain/message/mailbox'
import type { Position } from '#infra/event-log/port'
import { MailStream } from '../mails/mail-stream.ts'
import { namedRecipient } from '../mails/part.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { administers } from '../route/asker.ts'
import { logReason } from '../route/given-reason.ts'
import { done } from '../route/outcome.ts'
import { Problem } from '../route/problem.ts'
import type { SignedCall } from '../route/route.ts'
import type { QuarantineResult } from './shapes.ts'

const PATIENCE_MS = 5_000
const LOOK_EVERY_MS = 50

export interface Wish {
  readonly mail: string
  readonly recipient: string
}

export interface DiscardWish extends Wish {
  readonly reason: string | null
}

export interface ReleaseWish extends DiscardWish {
  readonly trustSender: boolean
}

export interface Done {
  readonly result: QuarantineResult
  readonly position: Position | null
}

/** What can be done with held mail. Every act is idempotent; each recipient stands alone. */
@Injectable()
export class QuarantineActs {
  readonly #parts: ApiParts
  readonly #mails: MailStream

  constructor(@Inject(API_PARTS) parts: ApiParts, @Inject(MailStream) mails: MailStream) {
    this.#parts = parts
    this.#mails = mails
  }

  /** Asked for, then waited until the scan has answered, at most until `deadline` (performance.now()). */
  async release(wish: ReleaseWish, call: SignedCall, deadline = performance.now() + PATIENCE_MS): Promise<Done> {
    const { mail, recipient } = await this.#mails.recipientSeenBy(call.asker, wish.mail, wish.recipient)
    const { mailbox } = recipient
    const part = `release ${wish.mail} ${mailbox}`
    const { position } = done(
      await this.#parts.commands.mail(
        wish.mail,
        {
          kind: 'request-release',
          recipient: mailbox,
          by: call.asker.address,
          trustSender: wish.trustSender,
          reason: wish.reason,
          privileged: administers(call.asker, domainOf(mailbox)),
          now: call.now,
        },
        call.asked(part),
      ),
    )
    const end = await this.#outcome(wish.mail, mailbox, deadline)
    // The steward does the same whenever the release happens; here it holds before the answer. A mail found infected earns no trust.
    const wanted = end.recipient?.released?.trustSender === true
    const trusted = wanted ? await this.#trust(wish.mail, mail, mailbox, call) : null
    return {
      result: { mail: wish.mail, recipient: mailbox, ...outcomeOf(end.recipient), trusted },
      position: latest(position, end.position),
    }
  }

  async discard(wish: DiscardWish, call: SignedCall): Promise<Done> {
    const { recipient } = await this.#mails.recipientSeenBy(call.asker, wish.mail, wish.recipient)
    const { mailbox } = recipient
    const { position } = done(
      await this.#parts.commands.mail(
        wish.mail,
        { kind: 'discard', recipient: mailbox, by: call.asker.address, now: call.now },
        call.asked(`discard ${wish.mail} ${mailbox}`),
      ),
    )
    logReason(this.#parts, call, 'discard', { mail: wish.mail, recipient: mailbox }, wish.reason)
    return {
      result: { mail: wish.mail, recipient: mailbox, state: 'discarded', detail: null, trusted: null },
      position,
    }
  }

  /** The sender joins the recipient's block list; the mail stays where it is. */
  async blockSender(
    wish: Wish,
    call: SignedCall,
  ): Promise<{ entry: string; mailbox: string; position: Position | null }> {
    const { mail, recipient } = await this.#mails.recipientSeenBy(call.asker, wish.mail, wish.recipient)
    const entry = senderOf(mail)
    if (entry === null) throw new Problem('conflict', 'This mail names no sender that could be blocked.')
    const { position } = done(
      await this.#parts.commands.mailbox(
        recipient.mailbox,
        { kind: 'block-sender', entry, note: `from mail ${wish.mail}` },
        call.asked('block'),
      ),
    )
    return { entry, mailbox: recipient.mailbox, position }
  }

  async #trust(id: string, mail: Mail, mailbox: string, call: SignedCall): Promise<string | null> {
    const entry = senderOf(mail)
    if (entry === null) return null
    const command = { kind: 'allow-sender', entry, note: `released ${id}` } as const
    done(await this.#parts.commands.mailbox(mailbox, command, call.asked(`trust ${entry} ${mailbox}`)))
    return entry
  }

  async #outcome(
    id: string,
    mailbox: string,
    deadline: number,
  ): Promise<{ recipient: RecipientState | undefined; position: Position | null }> {
    for (;;) {
      const { mail, position } = await this.#mails.find(id)
      const recipient = namedRecipient(mail, mailbox)
      if (recipient === undefined || recipient.release === null || performance.now() >= deadline)
        return { recipient, position }
      await delay(LOOK_EVERY_MS)
    }
  }
}

/** The address a reader knows the sender by. */
const senderOf = (mail: Mail): string | null => mail.accepted.headerFrom?.address ?? mail.accepted.reversePath

function outcomeOf(recipient: RecipientState | undefined): Pick<QuarantineResult, 'state' | 'detail'> {
  if (recipient?.released !== null && recipient !== undefined) return { state: 'released', detail: null }
  if (recipient?.release !== null && recipient !== undefined) return { state: 'releasing', detail: null }
  return { state: 'refused', detail: 'The scan before the release found something; it stays in quarantine.' }
}

const latest = (one: Position | null, other: Position | null): Position | null =>
  one === null ? other : other === null || one > other ? one : other
