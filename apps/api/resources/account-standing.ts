import { Inject, Injectable } from '@nestjs/common'
import type { HeldMails } from '#domain/account/events'
import type { Account } from '#domain/account/state'
import { BY_SUSPENSION } from '#domain/mail/suspension'
import type { Position } from '#infra/event-log/port'
import type { AddressRow } from '#projections/directory/tables'
import { Accounts } from '../auth/accounts.ts'
import { domainAsker, mustAdminister } from '../auth/domain-asker.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { freshen } from '../route/fresh-view.ts'
import { done } from '../route/outcome.ts'
import { invalid } from '../route/problem.ts'
import type { SignedCall } from '../route/route.ts'
import { DirectoryReads } from './directory-reads.ts'

export interface StandingGiven {
  readonly suspended?: boolean | undefined
  readonly reason?: string | undefined
  readonly held?: HeldMails | undefined
  readonly sendAs?: readonly string[] | undefined
}

/** Whether an account may act at all, and as whom else it may send. */
@Injectable()
export class AccountStanding {
  readonly #parts: ApiParts
  readonly #accounts: Accounts
  readonly #directory: DirectoryReads

  constructor(
    @Inject(API_PARTS) parts: ApiParts,
    @Inject(Accounts) accounts: Accounts,
    @Inject(DirectoryReads) directory: DirectoryReads,
  ) {
    this.#parts = parts
    this.#accounts = accounts
    this.#directory = directory
  }

  /** What is missing in the request, before anything is done. */
  async check(account: Account, { suspended, reason, held }: StandingGiven): Promise<void> {
    if (suspended === true && reason === undefined) throw invalid('body.reason', 'a suspension says why')
    if (suspended !== true && reason !== undefined) throw invalid('body.reason', 'only with suspended: true')
    if (suspended !== false && held !== undefined) throw invalid('body.held', 'only with suspended: false')
    if (suspended !== false || held !== undefined || account.suspended === null) return
    const { events, views } = this.#parts
    await freshen(this.#parts, 'delivery-queue', await events.lastPosition({ categories: ['mail'] }))
    const mails = heldBySuspension(views, account.address)
    if (mails > 0)
      throw invalid('body.held', `${mails} of its mails are held in the queue: expected release, bounce or keep`)
  }

  async change(account: Account, given: StandingGiven, call: SignedCall): Promise<Position | null> {
    let position = given.sendAs === undefined ? null : await this.#setSendAs(account, given.sendAs, call)
    const asker = domainAsker(call.asker)
    const { address } = account
    if (given.suspended === true) {
      const command = { kind: 'suspend', reason: given.reason ?? '', now: call.now, asker } as const
      position = done(await this.#parts.commands.account(address, command, call.asked('suspend'))).position
    } else if (given.suspended === false) {
      // Nothing is held: there is nothing to decide, and a mail that was on its way in goes on.
      const command = { kind: 'reinstate', held: given.held ?? 'release', asker } as const
      position = done(await this.#parts.commands.account(address, command, call.asked('reinstate'))).position
    }
    return position
  }

  async #setSendAs(account: Account, addresses: readonly string[], call: SignedCall): Promise<Position | null> {
    for (const address of addresses.filter((one) => !account.sendAs.includes(one))) {
      await this.#directory.hosted(address)
      const owner = this.#parts.views.get<AddressRow>('directory', 'addresses', [address])
      const person = owner === undefined || owner.kind === 'group' ? null : await this.#accounts.find(owner.target)
      // Who can't change anything of an administrator or officer can't let others speak for them either.
      if (person !== null) mustAdminister(call.asker, person)
    }
    const command = { kind: 'set-send-as', addresses, asker: domainAsker(call.asker) } as const
    return done(await this.#parts.commands.account(account.address, command, call.asked('send-as'))).position
  }
}

/** Mails of an account that wait in the queue because it was suspended. */
export const heldBySuspension = (views: ApiParts['views'], address: string): number =>
  views.select<{ mails: number }>(
    'delivery-queue',
    'SELECT count(DISTINCT mail) AS mails FROM {entries} WHERE account = :account AND held = 1 AND heldBy = :by',
    { account: address, by: BY_SUSPENSION },
  )[0]?.mails ?? 0
