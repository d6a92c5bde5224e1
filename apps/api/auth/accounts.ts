import { Inject, Injectable } from '@nestjs/common'
import type { Account } from '#domain/account/state'
import { type Address, mailboxKey } from '#domain/message/mailbox'
import { aggregates } from '#infra/commands/aggregates'
import { API_PARTS, type ApiParts } from '../parts.ts'

/** Accounts as their own streams say, up to this moment: what sign-in and rights are decided by. */
@Injectable()
export class Accounts {
  readonly #parts: ApiParts

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  async find(address: Address): Promise<Account | null> {
    const stream = aggregates.account.stream(mailboxKey(address))
    return (await this.#parts.states.loadNewest(aggregates.account, stream)).state
  }
}
