import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import type { Account } from '#domain/account/state'
import { newAppPassword } from '#infra/credentials/app-password'
import { Accounts } from '../auth/accounts.ts'
import { domainAsker, mustAdminister } from '../auth/domain-asker.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { created, nothing, ok, type Answer } from '../route/answer.ts'
import { done } from '../route/outcome.ts'
import { pageOf, pageOfSorted, pageQuery } from '../route/paging.ts'
import { notFound, Problem } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { mailbox, time, toTime } from './shapes.ts'

const shape = z.object({ id: z.string(), name: z.string(), issuedAt: time })
const params = z.object({ address: mailbox })
const ofAccount = ({ address }: { address: string }) => ({ account: address })

const listAppPasswords = route({
  verb: 'get',
  path: '/accounts/:address/app-passwords',
  tag: 'Accounts',
  summary: 'App passwords of an account',
  access: { who: ['self', 'admin', 'domain-admin'], scope: 'accounts:read' },
  about: ofAccount,
  params,
  query: z.strictObject(pageQuery),
  answers: { 200: { is: 'Their names, without the passwords', schema: pageOf(shape) } },
})

const issueAppPassword = route({
  verb: 'post',
  path: '/accounts/:address/app-passwords',
  tag: 'Accounts',
  summary: 'Make an app password',
  description:
    'For one device: a mail client signs in with it to send mail, and to nothing else. It is shown this once. It holds until it is revoked, through changes of the account’s password too.',
  access: { who: ['self'], scope: null },
  about: ofAccount,
  params,
  body: z.strictObject({ name: z.string().trim().min(1).max(200).describe('of the device, e.g. Phone') }),
  answers: { 201: { is: 'The app password', schema: shape.extend({ password: z.string() }) } },
})

const revokeAppPassword = route({
  verb: 'delete',
  path: '/accounts/:address/app-passwords/:id',
  tag: 'Accounts',
  summary: 'Revoke an app password',
  description: 'Sessions that were opened with it send nothing more.',
  access: { who: ['self', 'admin', 'domain-admin'], scope: 'accounts:write' },
  about: ofAccount,
  params: params.extend({ id: z.string().min(1).max(100) }),
  answers: { 204: { is: 'Revoked' } },
})

/** Passwords per device, for mail clients alone. */
@Controller()
export class AccountAppPasswordsController {
  readonly #parts: ApiParts
  readonly #accounts: Accounts

  constructor(@Inject(API_PARTS) parts: ApiParts, @Inject(Accounts) accounts: Accounts) {
    this.#parts = parts
    this.#accounts = accounts
  }

  @Route(listAppPasswords)
  async list(@TheCall() call: SignedCall<typeof listAppPasswords>): Promise<Answer> {
    const { appPasswords } = await this.#found(call.params.address, call)
    const shown = appPasswords.map(({ id, name, issuedAt }) => ({ id, name, issuedAt: toTime(issuedAt) }))
    return ok(
      pageOfSorted(
        shown.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
        call.query,
        ({ id }) => id,
      ),
    )
  }

  @Route(issueAppPassword)
  async issue(@TheCall() call: SignedCall<typeof issueAppPassword>): Promise<Answer> {
    const { address } = call.params
    await this.#found(address, call)
    const id = call.commandId('app-password')
    const { name } = call.body
    const password = newAppPassword()
    const hash = this.#parts.credentials.appPasswords.hash(address, password)
    const command = {
      kind: 'issue-app-password',
      id,
      name,
      hash,
      now: call.now,
      asker: domainAsker(call.asker),
    } as const
    const { events, position } = done(await this.#parts.commands.account(address, command, call.asked()))
    // The one that was made is not this one.
    if (events.length === 0)
      throw new Problem(
        'conflict',
        'This request made an app password already; it is shown only once. Revoke it and use a new Idempotency-Key.',
      )
    return created(
      { id, name, issuedAt: toTime(call.now), password },
      { position, headers: { 'Cache-Control': 'no-store' } },
    )
  }

  @Route(revokeAppPassword)
  async revoke(@TheCall() call: SignedCall<typeof revokeAppPassword>): Promise<Answer> {
    const { address, id } = call.params
    const { appPasswords } = await this.#found(address, call)
    if (!appPasswords.some((one) => one.id === id)) throw notFound('such app password')
    const command = { kind: 'revoke-app-password', id, asker: domainAsker(call.asker) } as const
    return nothing({ position: done(await this.#parts.commands.account(address, command, call.asked())).position })
  }

  async #found(address: string, call: SignedCall): Promise<Account> {
    const account = await this.#accounts.find(address)
    if (account === null) throw notFound(`account ${address}`)
    mustAdminister(call.asker, account)
    return account
  }
}
