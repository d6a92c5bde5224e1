import { Inject, Injectable } from '@nestjs/common'
import type { Account } from '#domain/account/state'
import { Accounts } from '../auth/accounts.ts'
import { mustAdminister } from '../auth/domain-asker.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { notFound } from '../route/problem.ts'
import type { SignedCall } from '../route/route.ts'

/** Whose lists there are: of hosted domains and of accounts that exist. Answers the name of their stream's owner. */
@Injectable()
export class ListOwners {
  readonly #parts: ApiParts
  readonly #accounts: Accounts

  constructor(@Inject(API_PARTS) parts: ApiParts, @Inject(Accounts) accounts: Accounts) {
    this.#parts = parts
    this.#accounts = accounts
  }

  async domain(name: string): Promise<string> {
    await this.#parts.hostedDomains.fresh()
    if (this.#parts.hostedDomains.current(name) === null) throw notFound(`hosted domain ${name}`)
    return `@${name}`
  }

  async mailbox(address: string): Promise<string> {
    return (await this.#found(address)).address
  }

  async mailboxToChange(address: string, { asker }: SignedCall): Promise<string> {
    const account = await this.#found(address)
    mustAdminister(asker, account)
    return account.address
  }

  async #found(address: string): Promise<Account> {
    const account = await this.#accounts.find(address)
    if (account === null) throw notFound(`account ${address}`)
    return account
  }
}
