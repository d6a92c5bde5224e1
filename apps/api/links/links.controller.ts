import { Controller, Inject } from '@nestjs/common'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { Account } from '#domain/account/state'
import { whyHeld } from '#domain/mail/why-held'
import { type Link, LinkTokens, type ReadLink } from '#infra/credentials/link-tokens'
import { Accounts } from '../auth/accounts.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { QuarantineReads } from '../quarantine/quarantine-reads.ts'
import type { Answer } from '../route/answer.ts'
import { Problem } from '../route/problem.ts'
import { type Call, Route, route, TheCall } from '../route/route.ts'
import { LinkActs } from './link-acts.ts'
import { LINK_PAGE_POLICY, linkPage, type LinkPage, type ShownMail } from './link-page.ts'

const params = z.object({ token: z.string().min(1).max(1_000) })
const html = 'text/html'
const answers = {
  200: { is: 'A page that says what the link does, or did', type: html },
  303: { is: 'Signed in; the page for that is at Location' },
  400: { is: 'A page: the press did not come from the page', type: html },
  403: { is: 'A page: sign in first', type: html },
  404: { is: 'A page: there is no such link', type: html },
  409: { is: 'A page: it can not be done any more', type: html },
  410: { is: 'A page: the link is too old', type: html },
}
const common = {
  path: '/links/:token',
  base: 'root',
  tag: 'Links',
  access: { who: ['anyone'], scope: null },
  params,
} as const

const showLink = route({
  ...common,
  verb: 'get',
  summary: 'What a link of a digest would do; it does nothing',
  answers,
})
const pressLink = route({
  ...common,
  verb: 'post',
  summary: 'Do what the link says: pressed on its page, or one-click unsubscribe (RFC 8058)',
  body: z
    .looseObject({ press: z.string().max(100).optional(), 'List-Unsubscribe': z.string().max(100).optional() })
    .optional(),
  answers,
})

const RECORDED_EVERY_MS = 60_000

/** The pages behind the links of a digest. GET shows, POST acts. */
@Controller()
export class LinksController {
  readonly #parts: ApiParts
  readonly #tokens: LinkTokens
  readonly #accounts: Accounts
  readonly #held: QuarantineReads
  readonly #acts: LinkActs
  readonly #recorded = new LRUCache<string, true>({ max: 10_000, ttl: RECORDED_EVERY_MS })

  constructor(
    @Inject(API_PARTS) parts: ApiParts,
    @Inject(Accounts) accounts: Accounts,
    @Inject(QuarantineReads) held: QuarantineReads,
    @Inject(LinkActs) acts: LinkActs,
  ) {
    this.#parts = parts
    this.#tokens = new LinkTokens(parts.secrets)
    this.#accounts = accounts
    this.#held = held
    this.#acts = acts
  }

  @Route(showLink)
  async show(@TheCall() call: Call<typeof showLink>): Promise<Answer> {
    const { token } = call.params
    const read = await this.#read(token, call.now)
    if (read.kind !== 'broken') await this.#record(read.link, token, call.clientAddress)
    const found = await this.#found(read)
    if ('answer' in found) return found.answer
    const { link } = found
    const mail = link.act === 'sign-in' || link.act === 'unsubscribe' ? null : this.#shown(link)
    return paged(200, {
      ...questionOf(link, mail),
      mail,
      button: { words: buttonOf(link, mail), press: this.#tokens.press(token) },
    })
  }

  @Route(pressLink)
  async press(@TheCall() call: Call<typeof pressLink>): Promise<Answer> {
    const { token } = call.params
    const found = await this.#found(await this.#read(token, call.now))
    if ('answer' in found) return found.answer
    const { link, account } = found
    const oneClick = link.act === 'unsubscribe' && call.body?.['List-Unsubscribe'] === 'One-Click'
    if (!oneClick && !this.#tokens.isPressed(token, call.body?.press))
      return paged(400, {
        heading: 'Nothing was done',
        sentences: [
          'A link acts when its button is pressed on the page it opens. Open the link again and press it there.',
        ],
      })
    const { signIn } = this.#parts.policies.current('digest').document.links
    if (signIn === 'needed' && !oneClick && call.asker?.address !== link.recipient)
      return paged(403, {
        heading: 'Sign in first',
        sentences: [`This is done only for ${link.recipient}, signed in. Nothing was done yet.`],
        link: { words: 'Sign in', href: '/' },
      })
    try {
      const { cookie, heading, sentences } = await this.#acts.press(link, token, account, call)
      if (cookie !== undefined)
        return { status: 303, headers: { Location: '/', 'Set-Cookie': cookie, 'Cache-Control': 'no-store' } }
      return paged(200, { heading, sentences })
    } catch (error) {
      if (!(error instanceof Problem) || error.status >= 500) throw error
      return paged(409, { heading: 'That can not be done', sentences: [error.message] })
    }
  }

  async #read(token: string, now: number): Promise<ReadLink> {
    await this.#parts.policies.fresh()
    return this.#tokens.read(token, this.#parts.policies.current('digest').document.links, now)
  }

  async #found(
    read: ReadLink,
  ): Promise<{ readonly answer: Answer } | { readonly link: Link; readonly account: Account }> {
    if (read.kind === 'expired')
      return {
        answer: paged(410, {
          heading: 'This link is too old',
          sentences: ['Nothing was done. What is still held for you is in your quarantine.'],
          link: { words: 'Open my quarantine', href: '/' },
        }),
      }
    const account = read.kind === 'broken' ? null : await this.#accounts.find(read.link.recipient)
    if (read.kind === 'broken' || account === null || account.suspended !== null)
      return {
        answer: paged(404, {
          heading: 'This link does not work',
          sentences: ['It may have been cut off on its way. Nothing was done. Copy the whole link, or sign in.'],
          link: { words: 'Sign in', href: '/' },
        }),
      }
    return { link: read.link, account }
  }

  async #record({ act, mail, recipient }: Link, token: string, clientAddress: string): Promise<void> {
    const key = `${clientAddress} ${token}`
    if (this.#recorded.has(key)) return
    this.#recorded.set(key, true)
    const data = { act, mail, recipient, clientAddress }
    await this.#parts.journal.access({ type: 'LinkOpened', data }, { kind: 'system', part: 'api' })
  }

  /** Null: it is held no longer. */
  #shown({ mail, recipient }: Link): ShownMail | null {
    const row = this.#held.get(mail, recipient)
    if (row === undefined) return null
    const symbols = this.#held.symbolsOf([mail]).get(mail) ?? []
    return {
      name: row.headerFromName,
      address: row.headerFrom ?? row.reversePath ?? 'no sender',
      subject: row.subject,
      time: new Date(row.acceptedAt).toUTCString(),
      why: whyHeld(row, symbols),
    }
  }
}

const questionOf = ({ act, recipient }: Link, mail: ShownMail | null): Pick<LinkPage, 'heading' | 'sentences'> => {
  switch (act) {
    case 'sign-in':
      return {
        heading: 'Open your quarantine',
        sentences: [`You will be signed in as ${recipient}. This link does so once.`],
      }
    case 'unsubscribe':
      return {
        heading: 'No more digests?',
        sentences: [`${recipient} will get no more reports of held mail. It is still held as before.`],
      }
    default:
      return {
        heading: mail === null ? 'This mail is no longer held' : QUESTIONS[act],
        sentences: mail === null ? ['It was released, discarded, or its time was over. Pressing says which.'] : [],
      }
  }
}

const QUESTIONS = {
  release: 'Release this mail?',
  trust: 'Release this mail and trust its sender?',
  block: 'Block this sender?',
  spam: 'Is this spam?',
} as const

const buttonOf = ({ act }: Link, mail: ShownMail | null): string => {
  const sender = mail === null ? 'this sender' : mail.address
  switch (act) {
    case 'release':
      return 'Release it to my inbox'
    case 'trust':
      return `Release it and no longer check mail from ${sender} for spam`
    case 'block':
      return `Block all mail from ${sender}`
    case 'spam':
      return 'Discard it as spam'
    case 'sign-in':
      return 'Open my quarantine'
    case 'unsubscribe':
      return 'Send me no more digests'
  }
}

const paged = (status: number, page: LinkPage): Answer => ({
  status,
  body: linkPage(page),
  headers: {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': LINK_PAGE_POLICY,
    'Cache-Control': 'no-store',
  },
})
