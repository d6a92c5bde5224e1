import type { SendingQuota } from '#domain/account/sending-quota'
import type { Account } from '#domain/account/state'
import { isDeclined, type Declined } from '#domain/kernel/decider'
import type { Instant } from '#domain/kernel/instant'
import { domainOf } from '#domain/message/mailbox'
import { dayAt } from '#domain/sending/days'
import { sendingDaysStream, sendingId, sendingStream, type SendingDay } from '#domain/sending/events'
import { quotaOfDay, type SendingState } from '#domain/sending/state'
import { aggregates } from './aggregates.ts'
import type { Commands, Outcome } from './commands.ts'
import type { Asked } from './execute.ts'
import type { HostedDomains } from './hosted-domains.ts'
import type { Policies } from './policies.ts'
import type { StreamStates } from './stream-states.ts'

export interface QuotaSources {
  readonly policies: Pick<Policies, 'fresh' | 'current'>
  readonly hostedDomains: Pick<HostedDomains, 'fresh' | 'current'>
}

/** What an account may send in a day, without what was raised for one: its own quota, else its domain's, else the policy's. */
export const quotaOf = async (
  sources: QuotaSources,
  account: Pick<Account, 'address' | 'quota'>,
): Promise<SendingQuota> => {
  if (account.quota === null) await Promise.all([sources.policies.fresh(), sources.hostedDomains.fresh()])
  return quotaAsKnown(sources, account)
}

/** The same as this process knows it: for lists, after `fresh`. */
export const quotaAsKnown = (
  { policies, hostedDomains }: QuotaSources,
  { address, quota }: Pick<Account, 'address' | 'quota'>,
): SendingQuota =>
  quota ?? hostedDomains.current(domainOf(address))?.sendingQuota ?? policies.current('accounts').document.quota

/** The day of an account that runs, opened or not, what of it is taken, and what holds for it, raised or not. */
export interface SendingToday {
  readonly day: SendingDay
  readonly sent: SendingState
  readonly quota: SendingQuota
}

/** From the streams that decide: what is shown is what counts. */
export const sendingToday = async (
  { states, ...sources }: QuotaSources & { readonly states: StreamStates },
  account: Account,
  now: Instant,
): Promise<SendingToday> => {
  const { address, timeZone } = account
  const { state: last } = await states.loadNewest(aggregates.sendingDays, sendingDaysStream(address))
  const day = dayAt(last, timeZone, now)
  const { state: sent } = await states.loadNewest(aggregates.sending, sendingStream(sendingId(address, day.day)))
  return { day, sent, quota: quotaOfDay(await quotaOf(sources, account), sent.raised) }
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
