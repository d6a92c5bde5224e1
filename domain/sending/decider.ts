import { Declined, type Decider } from '../kernel/decider.ts'
import type { SendingCommand } from './commands.ts'
import type { SendingEvent } from './events.ts'
import { nothingSent, quotaOfDay, RECENT, type SendingState } from './state.ts'

type Command<Kind extends SendingCommand['kind']> = Extract<SendingCommand, { kind: Kind }>
type Answer = readonly SendingEvent[] | Declined

const evolve = (state: SendingState, event: SendingEvent): SendingState => {
  switch (event.type) {
    case 'SendingReserved':
      return {
        ...state,
        mails: state.mails + 1,
        recipients: state.recipients + event.data.recipients,
        reserved: withNewest(state.reserved, event.data.mail),
        returned: state.returned.filter((mail) => mail !== event.data.mail),
      }
    case 'SendingReturned':
      return {
        ...state,
        mails: Math.max(0, state.mails - 1),
        recipients: Math.max(0, state.recipients - event.data.recipients),
        reserved: state.reserved.filter((mail) => mail !== event.data.mail),
        returned: withNewest(state.returned, event.data.mail),
      }
    case 'QuotaRaised': {
      const { mailsPerDay, recipientsPerDay } = event.data
      return {
        ...state,
        raised: {
          mailsPerDay: mailsPerDay ?? state.raised.mailsPerDay,
          recipientsPerDay: recipientsPerDay ?? state.raised.recipientsPerDay,
        },
      }
    }
    case 'QuotaExceeded':
      return { ...state, exceeded: true }
    default:
      event satisfies never
      return state
  }
}

const withNewest = (recent: readonly string[], mail: string): readonly string[] => [...recent.slice(1 - RECENT), mail]

const decide = (command: SendingCommand, state: SendingState): Answer => {
  switch (command.kind) {
    case 'reserve':
      return reserve(state, command)
    case 'give-back': {
      const { mail, recipients, now } = command
      return state.returned.includes(mail) ? [] : [{ type: 'SendingReturned', data: { mail, recipients, at: now } }]
    }
    case 'raise':
      return raise(state, command)
  }
}

/** Reserved; or over the limit, which is an event the first time of the day and declined from then on. */
const reserve = (state: SendingState, command: Command<'reserve'>): Answer => {
  const { mail, recipients, resetsAt, now } = command
  if (!Number.isSafeInteger(recipients) || recipients < 1) {
    return new Declined('invalid', `a mail has recipients, not ${recipients}`)
  }
  if (state.reserved.includes(mail)) return []
  const over = overLimit(state, command)
  if (over === null) return [{ type: 'SendingReserved', data: { mail, recipients, at: now } }]
  if (!state.exceeded) return [{ type: 'QuotaExceeded', data: { ...over, resetsAt, at: now } }]
  return new Declined('over-limit', `the quota of ${over.quota} ${over.limit} a day is used up`)
}

export interface OverLimit {
  readonly limit: 'mails' | 'recipients'
  readonly quota: number
}

/** Which limit one more mail to so many recipients would exceed. */
export const overLimit = (
  state: SendingState,
  { recipients, quota }: Pick<Command<'reserve'>, 'recipients' | 'quota'>,
): OverLimit | null => {
  const { mailsPerDay, recipientsPerDay } = quotaOfDay(quota, state.raised)
  if (state.mails + 1 > mailsPerDay) return { limit: 'mails', quota: mailsPerDay }
  if (state.recipients + recipients > recipientsPerDay) return { limit: 'recipients', quota: recipientsPerDay }
  return null
}

/** Upwards only: less than the quota is the account's quota itself. */
const raise = (state: SendingState, command: Command<'raise'>): Answer => {
  const { mailsPerDay, recipientsPerDay, quota, by, now } = command
  const holds = quotaOfDay(quota, state.raised)
  const lowered = [
    ...(mailsPerDay !== undefined && mailsPerDay < holds.mailsPerDay
      ? [`mailsPerDay: ${holds.mailsPerDay} hold already`]
      : []),
    ...(recipientsPerDay !== undefined && recipientsPerDay < holds.recipientsPerDay
      ? [`recipientsPerDay: ${holds.recipientsPerDay} hold already`]
      : []),
  ]
  if (lowered.length > 0) return new Declined('invalid', `${lowered.join('; ')}; for one day it is only raised`)
  const more = {
    mailsPerDay: mailsPerDay === undefined || mailsPerDay === holds.mailsPerDay ? null : mailsPerDay,
    recipientsPerDay:
      recipientsPerDay === undefined || recipientsPerDay === holds.recipientsPerDay ? null : recipientsPerDay,
  }
  return more.mailsPerDay === null && more.recipientsPerDay === null
    ? []
    : [{ type: 'QuotaRaised', data: { ...more, by, at: now } }]
}

export const sendingDecider: Decider<SendingCommand, SendingEvent, SendingState> = {
  initial: nothingSent,
  evolve,
  decide,
}
