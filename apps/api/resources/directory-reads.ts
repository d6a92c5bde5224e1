import { Inject, Injectable } from '@nestjs/common'
import type { Forwarding } from '#domain/account/forwarding'
import type { Account } from '#domain/account/state'
import type { Origin } from '#domain/hosted-domain/recipient-source'
import { domainOf } from '#domain/message/mailbox'
import { quotaAsKnown } from '#infra/commands/quota-of'
import {
  forwardingOfRow,
  quotaOfRow,
  type AccountRow,
  type AddressRow,
  type GroupRow,
  type RoleRow,
} from '#projections/directory/tables'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { freshen } from '../route/fresh-view.ts'
import { notFound } from '../route/problem.ts'

const VIEW = 'directory'

export interface ShownAccount {
  readonly address: string
  readonly displayName: string
  readonly roles: readonly string[]
  readonly aliases: readonly string[]
  readonly timeZone: string
  readonly language: string
  readonly quota: { readonly mailsPerDay: number; readonly recipientsPerDay: number }
  readonly suspended: boolean
  readonly sendAs: readonly string[]
  readonly forwarding: Forwarding | null
  readonly source: Origin
}

/** Accounts, aliases, groups and roles as the directory view has them. */
@Injectable()
export class DirectoryReads {
  readonly #parts: ApiParts

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  accounts(domains: readonly string[] | null, after: string | null, limit: number): ShownAccount[] {
    const rows = this.#parts.views.select<AccountRow>(
      VIEW,
      `SELECT * FROM {accounts}
        WHERE address > :after AND (:domains IS NULL OR domain IN (SELECT value FROM json_each(:domains)))
        ORDER BY address LIMIT :limit`,
      { after: after ?? '', domains: domains === null ? null : JSON.stringify(domains), limit },
    )
    return rows.map((row) =>
      this.#shown({
        address: row.address,
        displayName: row.displayName,
        roles: JSON.parse(row.roles) as string[],
        timeZone: row.timeZone,
        language: row.language,
        suspended: row.suspended === 1,
        sendAs: JSON.parse(row.sendAs) as string[],
        forwarding: forwardingOfRow(row),
        source: row.source,
        quota: quotaOfRow(row),
      }),
    )
  }

  shown(account: Account): ShownAccount {
    return this.#shown({
      ...account,
      address: account.address.toLowerCase(),
      suspended: account.suspended !== null,
    })
  }

  aliases(account: string): string[] {
    return this.#parts.views
      .select<AddressRow>(
        VIEW,
        `SELECT * FROM {addresses} WHERE target = :account AND kind = 'alias' ORDER BY address`,
        { account },
      )
      .map(({ address }) => address)
  }

  groups(domains: readonly string[] | null, after: string | null, limit: number): GroupRow[] {
    return this.#parts.views.select<GroupRow>(
      VIEW,
      `SELECT * FROM {groups}
        WHERE address > :after AND (:domains IS NULL OR domain IN (SELECT value FROM json_each(:domains)))
        ORDER BY address LIMIT :limit`,
      { after: after ?? '', domains: domains === null ? null : JSON.stringify(domains), limit },
    )
  }

  group(address: string): GroupRow {
    const row = this.#parts.views.get<GroupRow>(VIEW, 'groups', [address])
    if (row === undefined) throw notFound(`group ${address}`)
    return row
  }

  /** Whoever administers everything, as of now. */
  async administrators(): Promise<readonly string[]> {
    await freshen(this.#parts, VIEW, await this.#parts.events.lastPosition({ categories: ['account'] }))
    const row = this.#parts.views.get<RoleRow>(VIEW, 'roles', ['admin'])
    return row === undefined ? [] : (JSON.parse(row.members) as string[])
  }

  async hosted(address: string): Promise<void> {
    await this.#parts.hostedDomains.fresh()
    if (this.#parts.hostedDomains.current(domainOf(address)) === null)
      throw notFound(`hosted domain ${domainOf(address)}`)
  }

  #shown(
    account: Omit<ShownAccount, 'aliases' | 'quota'> & { readonly quota: ShownAccount['quota'] | null },
  ): ShownAccount {
    const { address, displayName, roles, timeZone, language, quota, suspended, sendAs, forwarding, source } = account
    return {
      address,
      displayName,
      roles,
      aliases: this.aliases(address),
      timeZone,
      language,
      quota: quotaAsKnown(this.#parts, { address, quota }),
      suspended,
      sendAs,
      forwarding,
      source,
    }
  }
}
