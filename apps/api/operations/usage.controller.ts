import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { Accounts } from '../auth/accounts.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { mailbox, time, toTime } from '../resources/shapes.ts'
import { ok, type Answer } from '../route/answer.ts'
import { notFound } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { beginningOfDay } from './day.ts'

const VIEW = 'mail-trace'
const counted = z.object({ used: z.number(), quota: z.number() })

const showUsage = route({
  verb: 'get',
  path: '/usage/:address',
  tag: 'Accounts',
  summary: "Today's mails and recipients against the quota",
  access: { who: ['self', 'admin'], scope: 'usage:read' },
  about: ({ address }) => ({ account: address }),
  params: z.object({ address: mailbox }),
  answers: {
    200: {
      is: "The day in the account's time zone",
      schema: z.object({ address: z.string(), since: time, mails: counted, recipients: counted }).meta({ id: 'Usage' }),
    },
  },
  views: [VIEW],
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
    const { address } = call.params
    const account = await this.#accounts.find(address)
    if (account === null) throw notFound(`account ${address}`)
    await this.#parts.policies.fresh()
    const quota = account.quota ?? this.#parts.policies.current('accounts').document.quota
    const since = beginningOfDay(call.now, account.timeZone)
    const [used] = this.#parts.views.select<{ mails: number; recipients: number | null }>(
      VIEW,
      'SELECT count(*) AS mails, sum(recipientCount) AS recipients FROM {mails} WHERE acceptedAt >= :since AND account = :address',
      { since, address },
    )
    return ok({
      address,
      since: toTime(since),
      mails: { used: used?.mails ?? 0, quota: quota.mailsPerDay },
      recipients: { used: used?.recipients ?? 0, quota: quota.recipientsPerDay },
    })
  }
}
