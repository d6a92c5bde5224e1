import type { SendingQuota } from '#domain/account/sending-quota'
import type { Account } from '#domain/account/state'
import { isDeclined, type Declined } from '#domain/kernel/decider'
import { domainOf } from '#domain/message/mailbox'
import { sendingId } from '#domain/sending/events'
import type { Commands, Outcome } from './commands.ts'
import type { Asked } from './execute.ts'
import type { HostedDomains } from './hosted-domains.ts'
import type { Policies } from './policies.ts'

export interface QuotaSources {
  readonly policies: Pick<Policies, 'fresh' | 'current'>
  readonly hostedDomains: Pick<HostedDomains, 'fresh' | 'current'>
}

/** What an account may send in a day, without what was raised for one: its own quota, else its domain's, else the policy's. */
export const quotaOf = async (
  { policies, hostedDomains }: QuotaSources,
  { address, quota }: Pick<Account, 'address' | 'quota'>,
): Promise<SendingQuota> => {
  if (quota !== null) return quota
  await Promise.all([policies.fresh(), hostedDomains.fresh()])
  return hostedDomains.current(domainOf(address))?.sendingQuota ?? policies.current('accounts').document.quota
}

/** Raises the quota for the day that runs, opening it where nothing was sent yet. What is absent stays as it is. */
export const raiseQuota = async (
  { commands, ...sources }: QuotaSources & { readonly commands: Pick<Commands, 'sending' | 'sendingDays'> },
  account: Account,
  more: { readonly mailsPerDay?: number | undefined; readonly recipientsPerDay?: number | undefined },
  by: string,
  asked: Asked,
): Promise<Outcome<'sending'> | Declined> => {
  const { address, timeZone } = account
  const opened = await commands.sendingDays(address, { kind: 'open-day', zone: timeZone, now: asked.now }, asked)
  if (isDeclined(opened)) return opened
  if (opened.state === null) throw new Error(`no day of ${address} was opened`)
  const quota = await quotaOf(sources, account)
  return commands.sending(
    sendingId(address, opened.state.day),
    { kind: 'raise', ...more, quota, by, now: asked.now },
    asked,
  )
}
