import type { AlarmEvent } from '#domain/alarm/events'
import type { ApprovalEvent } from '#domain/approval/events'
import { domainOf } from '#domain/message/mailbox'
import { accountAndDay, type SendingEvent } from '#domain/sending/events'
import { resolveRecipient, type ResolvedMailbox } from '#projections/directory/resolve'
import type { RoleRow } from '#projections/directory/tables'
import { alarmStream } from '#domain/alarm/events'
import { aggregates } from '#infra/commands/aggregates'
import { acceptOwnMail, ownAddress, ownMailId } from '#infra/commands/own-mail'
import type { RecordedEvent } from '#infra/event-log/port'
import { ViewBehind } from '#infra/views/port'
import { composeOwnMail } from '#infra/smtp/compose'
import type { StewardParts } from './steward-parts.ts'

export const NOTICE_EVENTS = ['AlarmRaised', 'AlarmCleared', 'ApprovalRequested', 'QuotaExceeded']

/**
 * WhenSomethingNeedsAPersonThenNotify: an alarm is mailed to the administrators once when it begins and once when it is over; what is about
 * to happen to an officer is mailed to that officer. The mail's id derives from the event: however often this runs, there is one mail.
 */
export const sendNotice = async (parts: StewardParts, event: RecordedEvent): Promise<void> => {
  await directoryKnowsWho(parts, event)
  const notice = await noticeOf(parts, event as unknown as RecordedEvent & NoticeEvent)
  if (notice === null || notice.to.length === 0) return
  const { hostname } = parts
  const id = ownMailId('notice', event)
  const from = { name: 'Mailkeep', address: ownAddress('mailkeep', hostname) }
  const messageId = `<${id}@${hostname}>`
  const acceptedAt = event.metadata.occurredAt
  const { subject, text, to } = notice
  const raw = await composeOwnMail({ from, to: to.join(', '), subject, text, messageId, date: new Date(acceptedAt) })
  const copies = to.flatMap((address) => copiesFor(parts, address))
  const recipients = [...new Map(copies.map((copy) => [copy.mailbox, copy])).values()]
  const declined = await acceptOwnMail(
    parts,
    { id, raw, acceptedAt, from, recipients, subject, messageId, hostname },
    { part: 'steward', correlationId: event.metadata.correlationId },
  )
  if (declined !== null) parts.logger.warn({ mail: id, reason: declined.reason }, 'a notice was not sent')
}

/** Where their mail goes, forwarded to where they have it. */
const copiesFor = ({ views }: StewardParts, address: string): readonly ResolvedMailbox[] => {
  const found = resolveRecipient(address, (table, key) => views.get('directory', table, key))
  return found.kind === 'mailboxes' && found.recipients.length > 0 ? found.recipients : [{ address, mailbox: address }]
}

/** Who is told is in the directory: one that is just being built names nobody. One that has stopped is better than none: it may be what the alarm is about. */
const directoryKnowsWho = async (parts: StewardParts, event: RecordedEvent): Promise<void> => {
  try {
    await parts.views.caughtUp('directory', event.position, 2_000)
  } catch (error) {
    if (!(error instanceof ViewBehind) || administrators(parts).length === 0) throw error
  }
}

type NoticeEvent = AlarmEvent | ApprovalEvent | SendingEvent

interface Notice {
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
}

const noticeOf = async (parts: StewardParts, event: RecordedEvent & NoticeEvent): Promise<Notice | null> => {
  switch (event.type) {
    case 'AlarmRaised':
      return {
        to: administrators(parts),
        subject: `Alarm: ${event.data.kind} (${event.data.subject})`,
        text: `${event.data.detail}\n\nYou get one more mail when it is over.\n${parts.publicUrl}\n`,
      }
    case 'AlarmCleared': {
      const { state } = await parts.states.loadAtLeast(
        aggregates.alarm,
        alarmStream(event.stream.slice('alarm-'.length)),
        event.revision,
      )
      const what = state === null ? 'alarm' : `${state.kind} (${state.subject})`
      return { to: administrators(parts), subject: `Over: ${what}`, text: `${event.data.detail}\n${parts.publicUrl}\n` }
    }
    case 'ApprovalRequested': {
      const { by, dueAt, subject } = event.data
      const what =
        subject.kind === 'roles'
          ? `give ${subject.account} the roles ${subject.roles.join(', ')}`
          : `set a new password for ${subject.account}`
      const when =
        dueAt === null
          ? 'It waits for a second administrator.'
          : `It takes effect at ${new Date(dueAt).toISOString()} unless it is refused before.`
      return {
        to: [
          ...new Set([subject.account, ...officers(parts), ...administrators(parts).filter((admin) => admin !== by)]),
        ],
        subject: `${by} asks to ${what}`,
        text: `${by} asks to ${what}. ${when}\n${parts.publicUrl}\n`,
      }
    }
    case 'QuotaExceeded': {
      const { account } = accountAndDay(event.stream)
      const { limit, quota, resetsAt } = event.data
      return {
        to: [...new Set([...administrators(parts), ...administratorsOf(parts, domainOf(account))])],
        subject: `${account} is over the daily quota`,
        text: [
          `${account} has sent as many ${limit} as it may in a day (${quota}). What more it sends is refused until ${new Date(resetsAt).toISOString()}.`,
          `If that is more than this person writes, somebody else may be using the account. Suspend it, then set a new password: mailkeep account suspend ${account} --reason "sends too much"`,
          `If it is meant to be, raise the quota for today: mailkeep usage raise ${account} --${limit} ${Math.max(1, 2 * quota)}`,
          `You get one mail a day about an account.\n${parts.publicUrl}\n`,
        ].join('\n\n'),
      }
    }
    default:
      return null
  }
}

const withRole = ({ views }: StewardParts, role: string): readonly string[] =>
  JSON.parse(views.get<RoleRow>('directory', 'roles', [role])?.members ?? '[]') as string[]
const administrators = (parts: StewardParts): readonly string[] => withRole(parts, 'admin')
const administratorsOf = (parts: StewardParts, domain: string): readonly string[] =>
  withRole(parts, 'domain-admin').filter((address) => domainOf(address) === domain)
const officers = (parts: StewardParts): readonly string[] => withRole(parts, 'compliance')
