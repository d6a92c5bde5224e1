import { Inject, Injectable } from '@nestjs/common'
import type { EdgeEvent } from '#domain/edge/events'
import type { CopyName } from '#domain/archive/item-id'
import { approvalStream } from '#domain/approval/events'
import { aggregates } from '#infra/commands/aggregates'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { hasRole } from '../route/asker.ts'
import type { CallContext } from '../route/call.ts'
import { forbidden, invalid, notFound } from '../route/problem.ts'
import type { SignedCall } from '../route/route.ts'
import { ArchiveAccounts } from './archive-accounts.ts'

type ReaderCall = Pick<SignedCall, 'asker' | 'reason'> & Pick<CallContext, 'request' | 'now'>
type Read = Extract<EdgeEvent, { type: 'ArchiveRead' }>['data']['what']

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** As what somebody looks into the archive: a user at their own, an officer at any, with a reason. */
export interface ArchiveReader {
  readonly by: string
  readonly as: 'user' | 'compliance'
  readonly reason: string | null
  readonly approval: string | null
}

/** What a search may look through. `account` null: all. */
export interface SearchScope {
  readonly reader: ArchiveReader
  readonly account: string | null
  /** Copies from before somebody else had the address are not theirs; null: there are none. */
  readonly after: number | null
}

/** Who may look at what in the archive, and the record of it, which is written before the answer leaves. */
@Injectable()
export class ArchiveReading {
  readonly #parts: ApiParts
  readonly #accounts: ArchiveAccounts

  constructor(@Inject(API_PARTS) parts: ApiParts, @Inject(ArchiveAccounts) accounts: ArchiveAccounts) {
    this.#parts = parts
    this.#accounts = accounts
  }

  /** Of a list or a search: `account` as asked for, `query` as typed (null: everything, newest first). */
  async scope(call: ReaderCall, account: string | undefined, query: string | null): Promise<SearchScope> {
    const reader = this.#reader(call)
    if (reader.as === 'compliance') {
      const approval = account === undefined ? await this.#approval(call, query) : null
      return { reader: { ...reader, approval }, account: account ?? null, after: null }
    }
    const own = call.asker.address
    if (account !== undefined && account !== own) throw forbidden(`The archive of ${account} is not yours.`)
    return { reader, account: own, after: this.#accounts.formerUntil(own) }
  }

  /** Of one copy, which for anybody else is not there. */
  async copy(call: ReaderCall, { account }: CopyName, archivedAt: number | undefined): Promise<ArchiveReader> {
    const reader = this.#reader(call)
    const isFormer = archivedAt !== undefined && archivedAt <= (this.#accounts.formerUntil(account) ?? -1)
    const mayRead = reader.as === 'compliance' || (account === call.asker.address && !isFormer)
    if (archivedAt === undefined || !mayRead) throw notFound('such mail in the archive')
    return reader
  }

  async recordSearch(
    { reader, account }: SearchScope,
    query: string | null,
    items: readonly { readonly account: string }[],
  ): Promise<void> {
    const shown = [...new Set(items.map((item) => item.account))]
    await this.#record(reader, {
      type: 'ArchiveSearched',
      data: { ...reader, account, query, found: items.length, shown },
    })
  }

  async recordRead(reader: ArchiveReader, { mail, account, role }: CopyName, what: Read): Promise<void> {
    await this.#record(reader, { type: 'ArchiveRead', data: { ...reader, mail, account, role, what } })
  }

  async #record(
    { by }: ArchiveReader,
    event: Extract<EdgeEvent, { type: 'ArchiveSearched' | 'ArchiveRead' }>,
  ): Promise<void> {
    await this.#parts.journal.access(event, { kind: 'account', address: by })
  }

  #reader({ asker, reason }: ReaderCall): ArchiveReader {
    const officer = hasRole(asker, 'compliance')
    if (officer && reason === null)
      throw invalid('header.mailkeep-reason', 'an officer says in this header why the archive is looked into')
    return { by: asker.address, as: officer ? 'compliance' : 'user', reason, approval: null }
  }

  /** Where policy wants four eyes: what a second officer approved, for this very query. */
  async #approval(call: ReaderCall, query: string | null): Promise<string | null> {
    const { policies, states } = this.#parts
    await policies.fresh()
    if (!policies.current('archive').document.fourEyes.searches) return null
    const given = call.request.headers['mailkeep-approval']
    if (given === undefined)
      throw forbidden(
        'Looking through all accounts waits for a second officer here: POST /api/v1/approvals with kind archive-search, then send its id in Mailkeep-Approval.',
      )
    if (typeof given !== 'string' || !UUID.test(given))
      throw invalid('header.mailkeep-approval', 'expected the id of an approval')
    const { state } = await states.loadNewest(aggregates.approval, approvalStream(given))
    if (state === null || state.subject.kind !== 'archive-search' || state.subject.account !== call.asker.address)
      throw forbidden(`Mailkeep-Approval: ${given} is no approval of a search of yours.`)
    if (state.state !== 'approved') throw forbidden(`Mailkeep-Approval: this one is ${state.state}, not approved.`)
    if (state.subject.until <= call.now) throw forbidden('Mailkeep-Approval: its time is over; ask for another one.')
    if (state.subject.accounts !== null || state.subject.query !== query)
      throw forbidden('Mailkeep-Approval: something else was approved. Ask for this very query, in all accounts.')
    return given
  }
}
