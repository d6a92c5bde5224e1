import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import type { Account } from '#domain/account/state'
import { HOUR } from '#domain/kernel/instant'
import { raiseQuota, sendingToday } from '#infra/commands/quota-of'
import type { SendingMinuteRow } from '#projections/rate-window/projection'
import { Accounts } from '../auth/accounts.ts'
import { mustAdminister } from '../auth/domain-asker.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { mailbox, time, toTime } from '../resources/shapes.ts'
import { ok, type Answer } from '../route/answer.ts'
import { done } from '../route/outcome.ts'
import { notFound } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'

const VIEW = 'rate-window'
const counted = z.object({
  used: z.number(),
  quota: z.number().describe('what holds today'),
  raised: z.boolean().describe('for today only'),
})
const usage = z
  .object({
    address: z.string(),
    day: z.string().describe('the date the quota is counted for'),
    timeZone: z.string().describe('in which that day ends; a change counts from then on'),
    since: time,
    resetsAt: time,
    mails: counted,
    recipients: counted,
    rates: z.object({
      perMinute: z.object({ mails: z.number(), recipients: z.number() }).describe('what policy allows in any minute'),
      minutes: z
        .array(z.object({ begins: time, mails: z.number(), recipients: z.number() }))
        .describe('those of the last hour in which it sent, newest first'),
    }),
  })
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
  answers: { 200: { is: "The day in the account's time zone, and the last hour", schema: usage } },
  views: [VIEW],
})

const raiseUsage = route({
  verb: 'post',
  path: '/usage/:address/raise',
  tag: 'Accounts',
  summary: 'Let an account send more today',
  description:
    'Until its day ends; what is not named stays as it is. For a day the quota is only raised: less than what holds is refused.',
  access: { who: ['admin', 'domain-admin'], scope: 'accounts:write' },
  about,
  params,
  body: z
    .strictObject({
      mailsPerDay: z.number().int().positive().max(1_000_000).optional(),
      recipientsPerDay: z.number().int().positive().max(10_000_000).optional(),
    })
    .refine((given) => Object.keys(given).length > 0, 'expected mailsPerDay, recipientsPerDay or both'),
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
    mustAdminister(call.asker, account)
    const { position } = done(await raiseQuota(this.#parts, account, call.body, call.asker.address, call.asked()))
    return ok(await this.#today(account, call.now), { position })
  }

  async #account(address: string): Promise<Account> {
    const account = await this.#accounts.find(address)
    if (account === null) throw notFound(`account ${address}`)
    return account
  }

  /** The day from the streams that decide, the last hour from the view. */
  async #today(account: Account, now: number): Promise<object> {
    const { address } = account
    const { policies, views } = this.#parts
    const { day, sent, quota } = await sendingToday(this.#parts, account, now)
    const minutes = views.select<SendingMinuteRow>(
      VIEW,
      'SELECT * FROM {minutes} WHERE account = :address AND minute > :after ORDER BY minute DESC',
      { address, after: now - HOUR },
    )
    await policies.fresh()
    const { perMinute } = policies.current('submission').document
    return {
      address,
      day: day.day,
      timeZone: day.zone,
      since: toTime(day.begins),
      resetsAt: toTime(day.ends),
      mails: { used: sent.mails, quota: quota.mailsPerDay, raised: sent.raised.mailsPerDay === quota.mailsPerDay },
      recipients: {
        used: sent.recipients,
        quota: quota.recipientsPerDay,
        raised: sent.raised.recipientsPerDay === quota.recipientsPerDay,
      },
      rates: {
        perMinute: { mails: perMinute.mails, recipients: perMinute.recipients },
        minutes: minutes.map(({ minute, mails, recipients }) => ({ begins: toTime(minute), mails, recipients })),
      },
    }
  }
}
