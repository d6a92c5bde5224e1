import { z } from 'zod'
import type { Account } from '#domain/account/state'
import { mailbox, toTime, toTimeOrNull } from '#apps/api/resources/shapes'
import { quotaAsKnown, raiseQuota, sendingToday } from '#infra/commands/quota-of'
import { quotaOfDay } from '#domain/sending/state'
import { quotaOfRow, type AccountRow } from '#projections/directory/tables'
import type { SendingDayRow } from '#projections/rate-window/projection'
import type { Foundation } from '../foundation.ts'
import { loadAccount } from './accounts.ts'
import { accepted, askedBy, operation, upToDate } from './operation.ts'

const most = (limit: number) => z.number().int().positive().max(limit).optional()

/** What accounts send a day, and more of it for today. */
export const usageOperations = {
  'usage-list': operation(
    z.strictObject({ limit: z.number().int().min(1).max(10_000).default(50) }),
    async (foundation, { limit }, circumstances) => {
      const { clock, views } = foundation
      await upToDate(foundation, circumstances, 'rate-window', ['sending', 'sendingdays'])
      await upToDate(foundation, circumstances, 'directory', ['account', 'domain'])
      await Promise.all([foundation.policies.fresh(), foundation.hostedDomains.fresh()])
      const rows = views.select<SendingDayRow>(
        'rate-window',
        'SELECT * FROM {days} WHERE ends > :now AND mails > 0 ORDER BY mails DESC, account LIMIT :limit',
        { now: clock(), limit },
      )
      return { items: rows.map((row) => shownDay(foundation, row)) }
    },
  ),

  'usage-show': operation(z.strictObject({ address: mailbox }), async (foundation, { address }) =>
    shownToday(foundation, await loadAccount(foundation, address)),
  ),

  'usage-raise': operation(
    z
      .strictObject({ address: mailbox, mails: most(1_000_000), recipients: most(10_000_000) })
      .refine(
        ({ mails, recipients }) => mails !== undefined || recipients !== undefined,
        'say mails, recipients or both',
      ),
    async (foundation, { address, mails, recipients }, circumstances) => {
      const account = await loadAccount(foundation, address)
      const { events } = accepted(
        await raiseQuota(
          foundation,
          account,
          { mailsPerDay: mails, recipientsPerDay: recipients },
          circumstances.operator,
          askedBy(foundation, circumstances, 'raise'),
        ),
      )
      return { ...(await shownToday(foundation, account)), changed: events.length > 0 }
    },
  ),
}

const shownToday = async (foundation: Foundation, account: Account) => {
  const { day, sent, quota } = await sendingToday(foundation, account, foundation.clock())
  return {
    address: account.address,
    day: day.day,
    timeZone: day.zone,
    resetsAt: toTime(day.ends),
    mails: { used: sent.mails, quota: quota.mailsPerDay },
    recipients: { used: sent.recipients, quota: quota.recipientsPerDay },
  }
}

const shownDay = (foundation: Foundation, row: SendingDayRow) => {
  const own = foundation.views.get<AccountRow>('directory', 'accounts', [row.account])
  const account = { address: row.account, quota: own === undefined ? null : quotaOfRow(own) }
  const raised = { mailsPerDay: row.raisedMails, recipientsPerDay: row.raisedRecipients }
  const quota = quotaOfDay(quotaAsKnown(foundation, account), raised)
  return {
    address: row.account,
    day: row.day,
    timeZone: row.zone,
    resetsAt: toTime(row.ends),
    mails: { used: row.mails, quota: quota.mailsPerDay },
    recipients: { used: row.recipients, quota: quota.recipientsPerDay },
    exceededAt: toTimeOrNull(row.exceededAt),
  }
}
