import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { sendingDaysStream, sendingId, sendingStream } from '#domain/sending/events'
import { dayAt } from '#domain/sending/days'
import { quotaOfDay } from '#domain/sending/state'
import type { Account } from '#domain/account/state'
import { aggregates } from '#infra/commands/aggregates'
import { quotaOf, raiseQuota } from '#infra/commands/quota-of'
import { Accounts } from '../auth/accounts.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { mailbox, time, toTime } from '../resources/shapes.ts'
import { ok, type Answer } from '../route/answer.ts'
import { done } from '../route/outcome.ts'
import { notFound } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'

const counted = z.object({ used: z.number(), quota: z.number() })
const usage = z
  .object({ address: z.string(), since: time, resetsAt: time, mails: counted, recipients: counted })
  .meta({ id: 'Usage' })
const params = z.object({ address: mailbox })
const about = ({ address }: { address: string }) => ({ account: address })

const showUsage = route({
  verb: 'get',
  path: '/usage/:address',
  tag: 'Accounts',
  summary: "Today's mails and recipients against the quota",
  access: { who: ['self', 'admin'], scope: 'usage:read' },
  about,
  params,
  answers: { 200: { is: "The day in the account's time zone", schema: usage } },
})

const raiseUsage = route({
  verb: 'post',
  path: '/usage/:address/raise',
  tag: 'Accounts',
  summary: 'Let an account send more today',
  description: 'Until its day ends; what is not named stays as it is. A number below the quota changes nothing.',
  access: { who: ['admin', 'domain-admin'], scope: 'accounts:write' },
  about,
  params,
  body: z.strictObject({
    mailsPerDay: z.number().int().positive().max(1_000_000).optional(),
    recipientsPerDay: z.number().int().positive().max(10_000_000).optional(),
  }),
  answers: { 200: { is: 'The day as it is now', schema: usage } },
})

@Controller()
export class UsageController {
  readonly #parts: ApiParts
  readonly #accounts: Accounts

  constructor(@Inject(API_PARTS) parts: ApiParts, @Inject(Accounts) accounts: Accounts) {
    this.#parts = parts
    this.#accounts = accounts
  }

  @Route(showUsage)
  async show(@TheCall() call: SignedCall<typeof showUsage>): Promise<Answer> {
    return ok(await this.#today(await this.#account(call.params.address), call.now))
  }

  @Route(raiseUsage)
  async raise(@TheCall() call: SignedCall<typeof raiseUsage>): Promise<Answer> {
    const account = await this.#account(call.params.address)
    const { position } = done(await raiseQuota(this.#parts, account, call.body, call.asker.address, call.asked()))
    return ok(await this.#today(account, call.now), { position })
  }

  async #account(address: string): Promise<Account> {
    const account = await this.#accounts.find(address)
    if (account === null) throw notFound(`account ${address}`)
    return account
  }

  /** From the streams that decide: what is shown is what counts. */
  async #today(account: Account, now: number): Promise<object> {
    const { address } = account
    const { states } = this.#parts
    const { state: last } = await states.loadNewest(aggregates.sendingDays, sendingDaysStream(address))
    const { day, begins, ends } = dayAt(last, account.timeZone, now)
    const { state } = await states.loadNewest(aggregates.sending, sendingStream(sendingId(address, day)))
    const { mailsPerDay, recipientsPerDay } = quotaOfDay(await quotaOf(this.#parts, account), state.raised)
    return {
      address,
      since: toTime(begins),
      resetsAt: toTime(ends),
      mails: { used: state.mails, quota: mailsPerDay },
      recipients: { used: state.recipients, quota: recipientsPerDay },
    }
  }
}
