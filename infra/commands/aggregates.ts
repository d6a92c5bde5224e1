import type { Decider } from '#domain/kernel/decider'
import { accountDecider } from '#domain/account/decider'
import type { AccountCommand } from '#domain/account/commands'
import { accountStream, type AccountEvent } from '#domain/account/events'
import type { AccountState } from '#domain/account/state'
import { alarmDecider } from '#domain/alarm/decider'
import type { AlarmCommand } from '#domain/alarm/commands'
import { alarmStream, type AlarmEvent } from '#domain/alarm/events'
import type { AlarmState } from '#domain/alarm/state'
import { approvalDecider } from '#domain/approval/decider'
import type { ApprovalCommand } from '#domain/approval/commands'
import { approvalStream, type ApprovalEvent } from '#domain/approval/events'
import type { ApprovalState } from '#domain/approval/state'
import { digestDecider, type DigestCommand, type DigestState } from '#domain/digest/decider'
import { digestStream, type DigestEvent } from '#domain/digest/events'
import { archiveDecider } from '#domain/archive/decider'
import type { ArchiveCommand } from '#domain/archive/commands'
import { archiveStream, type ArchiveEvent } from '#domain/archive/events'
import type { ArchiveAccount } from '#domain/archive/state'
import { hostedDomainDecider } from '#domain/hosted-domain/decider'
import type { HostedDomainCommand } from '#domain/hosted-domain/commands'
import { domainStream, type HostedDomainEvent } from '#domain/hosted-domain/events'
import type { HostedDomainState } from '#domain/hosted-domain/state'
import { mailDecider } from '#domain/mail/decider'
import type { MailCommand } from '#domain/mail/commands'
import { mailStream, type MailEvent } from '#domain/mail/events'
import type { MailState } from '#domain/mail/state'
import { mailboxListsDecider } from '#domain/mailbox/decider'
import type { MailboxListsCommand } from '#domain/mailbox/commands'
import { mailboxStream, type MailboxEvent } from '#domain/mailbox/events'
import type { MailboxLists } from '#domain/mailbox/state'
import { policyDecider } from '#domain/policy/decider'
import type { PolicyCommand } from '#domain/policy/commands'
import { policyStream, type PolicyEvent, type PolicyName } from '#domain/policy/events'
import type { PolicyState } from '#domain/policy/state'
import type { SendingCommand } from '#domain/sending/commands'
import { sendingDaysDecider, type OpenDay } from '#domain/sending/days'
import { sendingDecider } from '#domain/sending/decider'
import {
  sendingDaysStream,
  sendingStream,
  type SendingDay,
  type SendingDaysEvent,
  type SendingEvent,
} from '#domain/sending/events'
import type { SendingState } from '#domain/sending/state'
import { simulationDecider, type SimulationCommand, type SimulationState } from '#domain/simulation/decider'
import { simulationStream, type SimulationEvent } from '#domain/simulation/events'
import type { StreamName } from '#infra/event-log/port'

/** An aggregate as the command side sees it: where its stream is and who decides. */
export interface Aggregate<Command, Event, State> {
  readonly name: string
  stream(id: string): StreamName
  readonly decider: Decider<Command, Event, State>
}

export interface Aggregates {
  readonly mail: Aggregate<MailCommand, MailEvent, MailState>
  readonly mailbox: Aggregate<MailboxListsCommand, MailboxEvent, MailboxLists>
  readonly account: Aggregate<AccountCommand, AccountEvent, AccountState>
  readonly hostedDomain: Aggregate<HostedDomainCommand, HostedDomainEvent, HostedDomainState>
  readonly policy: Aggregate<PolicyCommand, PolicyEvent, PolicyState>
  readonly approval: Aggregate<ApprovalCommand, ApprovalEvent, ApprovalState>
  readonly archive: Aggregate<ArchiveCommand, ArchiveEvent, ArchiveAccount>
  readonly alarm: Aggregate<AlarmCommand, AlarmEvent, AlarmState>
  readonly sendingDays: Aggregate<OpenDay, SendingDaysEvent, SendingDay | null>
  readonly digest: Aggregate<DigestCommand, DigestEvent, DigestState>
  readonly sending: Aggregate<SendingCommand, SendingEvent, SendingState>
  readonly simulation: Aggregate<SimulationCommand, SimulationEvent, SimulationState>
}

export type AggregateName = keyof Aggregates
export type CommandOf<Name extends AggregateName> =
  Aggregates[Name] extends Aggregate<infer Command, infer _E, infer _S> ? Command : never
export type StateOf<Name extends AggregateName> =
  Aggregates[Name] extends Aggregate<infer _C, infer _E, infer State> ? State : never
export type EventsOf<Name extends AggregateName> =
  Aggregates[Name] extends Aggregate<infer _C, infer Event, infer _S> ? Event : never

export const aggregates: Aggregates = {
  mail: { name: 'mail', stream: mailStream, decider: mailDecider },
  mailbox: { name: 'mailbox', stream: mailboxStream, decider: mailboxListsDecider },
  account: { name: 'account', stream: accountStream, decider: accountDecider },
  hostedDomain: { name: 'hostedDomain', stream: domainStream, decider: hostedDomainDecider },
  policy: { name: 'policy', stream: (id) => policyStream(id as PolicyName), decider: policyDecider },
  approval: { name: 'approval', stream: approvalStream, decider: approvalDecider },
  archive: { name: 'archive', stream: archiveStream, decider: archiveDecider },
  alarm: { name: 'alarm', stream: alarmStream, decider: alarmDecider },
  sendingDays: { name: 'sendingDays', stream: sendingDaysStream, decider: sendingDaysDecider },
  digest: { name: 'digest', stream: digestStream, decider: digestDecider },
  sending: { name: 'sending', stream: sendingStream, decider: sendingDecider },
  simulation: { name: 'simulation', stream: simulationStream, decider: simulationDecider },
}
