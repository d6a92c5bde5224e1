import { Module, type DynamicModule, type Type } from '@nestjs/common'
import { CommandBus, CommandHandler, CqrsModule, type ICommandHandler } from '@nestjs/cqrs'
import type { EventLog } from '#infra/event-log/port'
import { aggregates, type Aggregate } from './aggregates.ts'
import {
  Ask,
  AskAccount,
  AskAlarm,
  AskApproval,
  AskDigest,
  AskArchive,
  AskHostedDomain,
  AskMail,
  AskMailbox,
  AskPolicy,
  AskSending,
  AskSendingDays,
  AskSimulation,
  Commands,
} from './commands.ts'
import { execute } from './execute.ts'
import { StreamStates } from './stream-states.ts'

/** Builds the class that @nestjs/cqrs wants for one aggregate: each answers all of the aggregate's commands. */
const decisions = (
  ask: Type<Ask>,
  aggregate: Aggregate<unknown, never, unknown>,
  log: EventLog,
  states: StreamStates,
): Type => {
  class Decisions implements ICommandHandler<Ask> {
    execute({ id, command, asked }: Ask): Promise<never> {
      return execute(log, states, aggregate, id, command, asked) as Promise<never>
    }
  }
  Object.defineProperty(Decisions, 'name', { value: `${aggregate.name}Decisions` })
  CommandHandler(ask)(Decisions)
  return Decisions
}

/** Wires the CommandBus over an event log; exports `Commands` and `StreamStates`. */
@Module({})
// oxlint-disable-next-line typescript/no-extraneous-class -- Nest knows a module by its class
export class CommandsModule {
  static over(log: EventLog): DynamicModule {
    const states = new StreamStates(log)
    const wire = (ask: Type<Ask>, aggregate: unknown) =>
      decisions(ask, aggregate as Aggregate<unknown, never, unknown>, log, states)
    return {
      module: CommandsModule,
      global: true,
      imports: [CqrsModule.forRoot()],
      providers: [
        wire(AskMail as Type<Ask>, aggregates.mail),
        wire(AskMailbox as Type<Ask>, aggregates.mailbox),
        wire(AskAccount as Type<Ask>, aggregates.account),
        wire(AskHostedDomain as Type<Ask>, aggregates.hostedDomain),
        wire(AskPolicy as Type<Ask>, aggregates.policy),
        wire(AskApproval as Type<Ask>, aggregates.approval),
        wire(AskArchive as Type<Ask>, aggregates.archive),
        wire(AskAlarm as Type<Ask>, aggregates.alarm),
        wire(AskSendingDays as Type<Ask>, aggregates.sendingDays),
        wire(AskDigest as Type<Ask>, aggregates.digest),
        wire(AskSending as Type<Ask>, aggregates.sending),
        wire(AskSimulation as Type<Ask>, aggregates.simulation),
        { provide: Commands, useFactory: (bus: CommandBus) => new Commands(bus), inject: [CommandBus] },
        { provide: StreamStates, useValue: states },
      ],
      exports: [Commands, StreamStates],
    }
  }
}
