import { Command, type CommandBus } from '@nestjs/cqrs'
import type { Declined } from '#domain/kernel/decider'
import type { AggregateName, CommandOf, EventsOf, StateOf } from './aggregates.ts'
import type { Asked, Executed } from './execute.ts'

/** What a command answers: what was appended and the state after it, or why not. */
export type Outcome<Name extends AggregateName> = Executed<EventsOf<Name>, StateOf<Name>> | Declined

/** One message for all of an aggregate's commands (design.md §4: not one class per verb). */
export class Ask<Name extends AggregateName = AggregateName> extends Command<Outcome<Name>> {
  readonly id: string
  readonly command: CommandOf<Name>
  readonly asked: Asked

  constructor(id: string, command: CommandOf<Name>, asked: Asked) {
    super()
    this.id = id
    this.command = command
    this.asked = asked
  }
}

export class AskMail extends Ask<'mail'> {}
export class AskMailbox extends Ask<'mailbox'> {}
export class AskAccount extends Ask<'account'> {}
export class AskHostedDomain extends Ask<'hostedDomain'> {}
export class AskPolicy extends Ask<'policy'> {}
export class AskApproval extends Ask<'approval'> {}
export class AskArchive extends Ask<'archive'> {}
export class AskAlarm extends Ask<'alarm'> {}
export class AskSendingDays extends Ask<'sendingDays'> {}
export class AskDigest extends Ask<'digest'> {}
export class AskSending extends Ask<'sending'> {}
export class AskSimulation extends Ask<'simulation'> {}

/** The one door for SMTP, HTTP, reactions and the command line. */
export class Commands {
  readonly #bus: CommandBus

  constructor(bus: CommandBus) {
    this.#bus = bus
  }

  /** `id`: the mail id. */
  mail(id: string, command: CommandOf<'mail'>, asked: Asked): Promise<Outcome<'mail'>> {
    return this.#bus.execute(new AskMail(id, command, asked))
  }

  /** `owner`: a mailbox address, or `@domain` for the domain's own lists. */
  mailbox(owner: string, command: CommandOf<'mailbox'>, asked: Asked): Promise<Outcome<'mailbox'>> {
    return this.#bus.execute(new AskMailbox(owner, command, asked))
  }

  account(address: string, command: CommandOf<'account'>, asked: Asked): Promise<Outcome<'account'>> {
    return this.#bus.execute(new AskAccount(address, command, asked))
  }

  hostedDomain(name: string, command: CommandOf<'hostedDomain'>, asked: Asked): Promise<Outcome<'hostedDomain'>> {
    return this.#bus.execute(new AskHostedDomain(name, command, asked))
  }

  policy(name: string, command: CommandOf<'policy'>, asked: Asked): Promise<Outcome<'policy'>> {
    return this.#bus.execute(new AskPolicy(name, command, asked))
  }

  approval(id: string, command: CommandOf<'approval'>, asked: Asked): Promise<Outcome<'approval'>> {
    return this.#bus.execute(new AskApproval(id, command, asked))
  }

  /** `account`: whose archive. */
  archive(account: string, command: CommandOf<'archive'>, asked: Asked): Promise<Outcome<'archive'>> {
    return this.#bus.execute(new AskArchive(account, command, asked))
  }

  alarm(id: string, command: CommandOf<'alarm'>, asked: Asked): Promise<Outcome<'alarm'>> {
    return this.#bus.execute(new AskAlarm(id, command, asked))
  }

  /** `account`: its address. */
  sendingDays(account: string, command: CommandOf<'sendingDays'>, asked: Asked): Promise<Outcome<'sendingDays'>> {
    return this.#bus.execute(new AskSendingDays(account, command, asked))
  }

  /** `account`: its address. */
  digest(account: string, command: CommandOf<'digest'>, asked: Asked): Promise<Outcome<'digest'>> {
    return this.#bus.execute(new AskDigest(account, command, asked))
  }

  /** `id`: account and day, as `sendingId` makes it. */
  sending(id: string, command: CommandOf<'sending'>, asked: Asked): Promise<Outcome<'sending'>> {
    return this.#bus.execute(new AskSending(id, command, asked))
  }

  simulation(id: string, command: CommandOf<'simulation'>, asked: Asked): Promise<Outcome<'simulation'>> {
    return this.#bus.execute(new AskSimulation(id, command, asked))
  }
}
