import { Inject, Injectable } from '@nestjs/common'
import type { Forwarding } from '#domain/account/forwarding'
import type { Account } from '#domain/account/state'
import { domainOf } from '#domain/message/mailbox'
import type { Position } from '#infra/event-log/port'
import { domainAsker } from '../auth/domain-asker.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { freshen } from '../route/fresh-view.ts'
import { done } from '../route/outcome.ts'
import { Problem } from '../route/problem.ts'
import type { SignedCall } from '../route/route.ts'
import { problemWithTarget } from './forward-targets.ts'

/** Where the mail of an account goes on to. */
@Injectable()
export class AccountForwarding {
  readonly #parts: ApiParts

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  /** Throws the problem that names whom it can not go on to. Whoever it goes to already may be gone: that is no reason to refuse a change. */
  async check(account: Account, given: Forwarding | null | undefined): Promise<void> {
    if (given === undefined || given === null) return
    const { events, policies } = this.#parts
    await Promise.all([
      policies.fresh(),
      freshen(this.#parts, 'directory', await events.lastPosition({ categories: ['domain', 'account'] })),
    ])
    const problems = given.to.flatMap((target, place) => {
      if (account.forwarding?.to.includes(target) === true) return []
      const problem = problemWithTarget(this.#parts, domainOf(account.address), target)
      return problem === null ? [] : [{ where: `body.forwarding.to.${place}`, problem }]
    })
    const [first] = problems
    if (first !== undefined) throw new Problem('invalid', `${first.where}: ${first.problem}`, { problems })
  }

  async change(account: Account, given: Forwarding | null | undefined, call: SignedCall): Promise<Position | null> {
    if (given === undefined) return null
    const command = { kind: 'set-forwarding', forwarding: given, asker: domainAsker(call.asker) } as const
    return done(await this.#parts.commands.account(account.address, command, call.asked('forwarding'))).position
  }
}
