import { setTimeout as delay } from 'node:timers/promises'
import { Inject, Injectable } from '@nestjs/common'
import { isDeclined } from '#domain/kernel/decider'
import type { Account } from '#domain/account/state'
import type { DigestWishes } from '#domain/mailbox/digest-wishes'
import { type Link, linkHash } from '#infra/credentials/link-tokens'
import { sessionCookie } from '../auth/cookies.ts'
import { SignIn } from '../auth/sign-in.ts'
import { MailStream } from '../mails/mail-stream.ts'
import { namedRecipient } from '../mails/part.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { QuarantineActs } from '../quarantine/release.ts'
import { declinedProblem } from '../route/problem.ts'
import type { Call, SignedCall } from '../route/route.ts'

/** What a press did, in words; `cookie` signs in. */
export interface Pressed {
  readonly heading: string
  readonly sentences: readonly string[]
  readonly cookie?: string
}

/** How long the page waits for a released mail to be in the mailbox. */
const PATIENCE_MS = 4_000
const LOOK_EVERY_MS = 50

/** The acts behind the links of a digest, done in the recipient's name. */
@Injectable()
export class LinkActs {
  readonly #parts: ApiParts
  readonly #acts: QuarantineActs
  readonly #mails: MailStream
  readonly #signIn: SignIn

  constructor(
    @Inject(API_PARTS) parts: ApiParts,
    @Inject(QuarantineActs) acts: QuarantineActs,
    @Inject(MailStream) mails: MailStream,
    @Inject(SignIn) signIn: SignIn,
  ) {
    this.#parts = parts
    this.#acts = acts
    this.#mails = mails
    this.#signIn = signIn
  }

  async press(link: Link, token: string, account: Account, call: Call): Promise<Pressed> {
    const { mail, recipient } = link
    const asked = inTheNameOf(account, token, call)
    switch (link.act) {
      case 'release':
      case 'trust':
        return this.#release(link, asked)
      case 'block': {
        const { entry } = await this.#acts.blockSender({ mail, recipient }, asked)
        return {
          heading: `Mail from ${entry} is blocked`,
          sentences: ['It goes straight into quarantine from now on. This mail stays there, too.'],
        }
      }
      case 'spam':
        await this.#acts.discard({ mail, recipient, reason: 'reported as spam' }, asked)
        return { heading: 'It is gone', sentences: ['It was taken out of your quarantine as spam.'] }
      case 'unsubscribe':
        return this.#unsubscribe(account, asked)
      case 'sign-in':
        return this.#open(token, account, asked)
    }
  }

  async #release({ act, mail, recipient }: Link, asked: SignedCall): Promise<Pressed> {
    const trustSender = act === 'trust'
    const { result } = await this.#acts.release({ mail, recipient, trustSender, reason: null }, asked)
    if (result.state === 'refused' || result.state === 'failed')
      return { heading: 'It stays in quarantine', sentences: [result.detail ?? ''] }
    const isThere = result.state === 'released' && (await this.#isThere(mail, recipient))
    const trusted = result.trusted === null ? [] : [`Mail from ${result.trusted} will no longer be checked for spam.`]
    return isThere
      ? { heading: 'It is in your inbox', sentences: trusted }
      : { heading: 'It is on its way to your inbox', sentences: [...trusted, 'You need not do anything more.'] }
  }

  /** Until the mailbox has it. */
  async #isThere(mail: string, mailbox: string): Promise<boolean> {
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      const recipient = namedRecipient((await this.#mails.find(mail)).mail, mailbox)
      if (recipient?.state === 'delivered') return true
      if (performance.now() >= deadline) return false
      await delay(LOOK_EVERY_MS)
    }
  }

  async #unsubscribe(account: Account, asked: SignedCall): Promise<Pressed> {
    const wishes: DigestWishes = { times: [], days: 'every-day', when: 'traffic' }
    const command = { kind: 'set-digest-wishes', wishes } as const
    const outcome = await this.#parts.commands.mailbox(account.address, command, asked.asked('unsubscribe'))
    if (isDeclined(outcome)) throw declinedProblem(outcome)
    return {
      heading: 'You get no more digests',
      sentences: [`Mail for ${account.address} is still checked and held. Sign in to see it, or to get digests again.`],
    }
  }

  async #open(token: string, account: Account, asked: SignedCall): Promise<Pressed> {
    const command = { kind: 'use-sign-in-link', link: linkHash(token) } as const
    const outcome = await this.#parts.commands.digest(account.address, command, asked.asked('sign-in'))
    if (isDeclined(outcome)) throw declinedProblem(outcome)
    const { bearer, expiresAt } = await this.#signIn.openFor(account, asked)
    const cookie = sessionCookie(bearer, (expiresAt - asked.now) / 1_000, asked.secure)
    return { heading: 'You are signed in', sentences: [], cookie }
  }
}

/** As if its owner had signed in, with no role but that of a user. */
const inTheNameOf = (account: Account, token: string, call: Call): SignedCall =>
  ({
    ...call,
    asker: {
      address: account.address,
      roles: ['user'],
      by: { kind: 'session', session: `link ${linkHash(token).slice(0, 16)}`, expiresAt: call.now, cookie: false },
    },
    asked: (part?: string) => ({
      actor: { kind: 'account', address: account.address },
      now: call.now,
      commandId: call.commandId(part),
      correlationId: call.requestId,
    }),
  }) as SignedCall
