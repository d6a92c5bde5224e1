import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import type { ArchiveCommand } from '#domain/archive/commands'
import { archiveStream, HoldPlaced } from '#domain/archive/events'
import { aggregates } from '#infra/commands/aggregates'
import type { Position } from '#infra/event-log/port'
import type { ArchiveReaderRow } from '#projections/access/projection'
import type { AddressRow } from '#projections/directory/tables'
import { domainAsker } from '../auth/domain-asker.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { DirectoryReads } from '../resources/directory-reads.ts'
import { domainName, mailbox, time, timeGiven, toTime } from '../resources/shapes.ts'
import { hasRole, isAdmin } from '../route/asker.ts'
import { ok, type Answer } from '../route/answer.ts'
import { freshen } from '../route/fresh-view.ts'
import { done } from '../route/outcome.ts'
import { pageFrom, pageOf, pageQuery, readCursor } from '../route/paging.ts'
import { forbidden, invalid, notFound, Problem } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { ARCHIVE_ACCOUNTS, ArchiveAccounts } from './archive-accounts.ts'
import { archiveAccountShape } from './shapes.ts'

const params = z.object({ address: mailbox })
const about = ({ address }: { address: string }) => ({ account: address })
const who = ['admin', 'compliance'] as const
const views = [ARCHIVE_ACCOUNTS, 'directory']
const policyWord = z.literal('policy')
const { name: holdName, query: holdQuery } = HoldPlaced.schema.shape

const listArchives = route({
  verb: 'get',
  path: '/archive/accounts',
  tag: 'Archive',
  summary: 'Whose mail is archived: subscription, quota, retention, holds',
  description:
    'Everybody who has an account, and those who are gone and whose archive stays. Administrators learn that there is a hold, officers what it is about.',
  access: { who, scope: 'archive:read' },
  query: z.strictObject({ ...pageQuery, domain: domainName.optional() }),
  answers: { 200: { is: 'By address', schema: pageOf(archiveAccountShape) } },
  views,
})

const showArchive = route({
  verb: 'get',
  path: '/archive/accounts/:address',
  tag: 'Archive',
  summary: 'An archive account',
  access: { who, scope: 'archive:read' },
  params,
  answers: { 200: { is: 'The archive account', schema: archiveAccountShape } },
  views,
})

const changeArchive = route({
  verb: 'patch',
  path: '/archive/accounts/:address',
  tag: 'Archive',
  summary: 'Set what the archive keeps of an account',
  description:
    'Subscription, quota and retention are for administrators; holds for compliance officers, with the reason in `Mailkeep-Reason`. A longer retention holds for what is there, too; a shorter one for what comes. `holds` places those that are not there yet and lifts none: name what is to be lifted in `liftHolds`.',
  access: { who, scope: 'archive:write' },
  params,
  reason: true,
  body: z
    .strictObject({
      subscribed: z.boolean().nullable().describe('null: as its domain says'),
      quotaBytes: z
        .union([z.number().int().nonnegative(), z.null(), policyWord])
        .describe('null: without a bound; "policy": as it says'),
      retentionDays: z
        .union([z.number().int().min(1).max(36_500), z.null(), policyWord])
        .describe('null: for ever; "policy": as it says'),
      holds: z
        .array(
          z.object({
            id: z.string().max(64).optional().describe('of one that is in place, which stays as it is'),
            name: holdName,
            from: timeGiven.nullable().default(null),
            until: timeGiven.nullable().default(null),
            query: holdQuery.default(null),
          }),
        )
        .max(200),
      liftHolds: z.array(z.string().min(1).max(64)).max(200),
    })
    .partial(),
  answers: { 200: { is: 'The archive account as it is now', schema: archiveAccountShape } },
})

const readerShape = z
  .object({
    at: time,
    by: z.string(),
    what: z.enum(['search', 'item', 'content', 'proof']),
    mail: z.string().nullable(),
    query: z.string().nullable(),
    reason: z.string().nullable(),
    approval: z.string().nullable(),
  })
  .meta({ id: 'ArchiveReader' })

const listReaders = route({
  verb: 'get',
  path: '/archive/accounts/:address/readers',
  tag: 'Archive',
  summary: 'Who else looked into an archive',
  description:
    'Compliance officers; the account itself where policy `archive.readersShown` says so, without queries, reasons and approvals.',
  access: { who: ['self', 'compliance'], scope: 'archive:read' },
  about,
  params,
  query: z.strictObject(pageQuery),
  answers: { 200: { is: 'Newest first', schema: pageOf(readerShape) } },
  views: ['access'],
})

/** Subscription, quota, retention and holds, by whoever each of them is for. */
@Controller()
export class ArchiveAccountsController {
  readonly #parts: ApiParts
  readonly #archives: ArchiveAccounts
  readonly #directory: DirectoryReads

  constructor(
    @Inject(API_PARTS) parts: ApiParts,
    @Inject(ArchiveAccounts) archives: ArchiveAccounts,
    @Inject(DirectoryReads) directory: DirectoryReads,
  ) {
    this.#parts = parts
    this.#archives = archives
    this.#directory = directory
  }

  @Route(listArchives)
  async list(@TheCall() call: SignedCall<typeof listArchives>): Promise<Answer> {
    const { cursor, domain, limit } = call.query
    await this.#parts.archiveTerms.fresh()
    const after = readCursor<readonly [string]>(cursor, ['string'])
    const addresses = this.#archives.addresses(domain ?? null, after?.[0] ?? '', limit + 1)
    return ok(
      pageFrom(
        addresses,
        limit,
        (address) => [address],
        (address) => this.#archives.shown(address, call.now, hasRole(call.asker, 'compliance')),
      ),
    )
  }

  @Route(showArchive)
  async show(@TheCall() call: SignedCall<typeof showArchive>): Promise<Answer> {
    if (!this.#archives.exists(call.params.address)) throw notFound(`archive account ${call.params.address}`)
    return ok(await this.#shown(call.params.address, call))
  }

  @Route(changeArchive)
  async change(@TheCall() call: SignedCall<typeof changeArchive>): Promise<Answer> {
    const { address } = call.params
    const { holds, liftHolds, ...kept } = call.body
    if (Object.keys(kept).length > 0 && !isAdmin(call.asker))
      throw forbidden('Subscription, quota and retention are for administrators to say.')
    const aboutHolds = holds !== undefined || liftHolds !== undefined
    if (aboutHolds && !hasRole(call.asker, 'compliance'))
      throw forbidden('Holds are placed and lifted by a compliance officer.')
    if (aboutHolds && call.reason === null)
      throw invalid('header.mailkeep-reason', 'an officer says in this header why a hold is placed or lifted')
    if (!this.#archives.exists(address)) await this.#mayBeMade(address)
    await this.#mustBeThere(address, holds ?? [])
    let position: Position | null = null
    for (const [place, command] of commandsOf(call).entries()) {
      const asked = call.asked(`archive ${place}`)
      position = done(await this.#parts.commands.archive(address, command, asked)).position ?? position
    }
    await freshen(this.#parts, ARCHIVE_ACCOUNTS, position)
    return ok(await this.#shown(address, call), { position })
  }

  @Route(listReaders)
  async readers(@TheCall() call: SignedCall<typeof listReaders>): Promise<Answer> {
    const { cursor, limit } = call.query
    const { address } = call.params
    const officer = hasRole(call.asker, 'compliance')
    await this.#parts.policies.fresh()
    if (!officer && !this.#parts.policies.current('archive').document.readersShown)
      throw forbidden('Who looked into an archive is not shown to its account here: policy archive.readersShown.')
    const before = readCursor<readonly [string]>(cursor, ['string'])
    const rows = this.#parts.views.select<ArchiveReaderRow>(
      'access',
      `SELECT * FROM {archiveReaders} WHERE account = :address AND at > :after AND (:before IS NULL OR position < :before)
        ORDER BY position DESC LIMIT :limit`,
      {
        address,
        after: officer ? -1 : (this.#archives.formerUntil(address) ?? -1),
        before: before?.[0] ?? null,
        limit: limit + 1,
      },
    )
    return ok(
      pageFrom(
        rows,
        limit,
        ({ position }) => [position],
        (row) => shownReader(row, officer),
      ),
    )
  }

  async #shown(address: string, { asker, now }: Pick<SignedCall, 'asker' | 'now'>): Promise<object> {
    await this.#parts.archiveTerms.fresh()
    return this.#archives.shown(address, now, hasRole(asker, 'compliance'))
  }

  /** Mail for an alias or a group goes into the archives of those behind it. */
  async #mayBeMade(address: string): Promise<void> {
    await this.#directory.hosted(address)
    const owner = this.#parts.views.get<AddressRow>('directory', 'addresses', [address])
    if (owner !== undefined && owner.kind !== 'account')
      throw new Problem(
        'conflict',
        `${address} is ${owner.kind === 'alias' ? `an alias of ${owner.target}` : 'a group'}.`,
      )
  }

  async #mustBeThere(address: string, holds: readonly { readonly id?: string | undefined }[]): Promise<void> {
    const { state } = await this.#parts.states.loadNewest(aggregates.archive, archiveStream(address))
    const gone = holds.find(({ id }) => id !== undefined && !state.holds.some(({ hold }) => hold === id))
    if (gone !== undefined) throw notFound(`hold ${gone.id} in the archive of ${address}`)
  }
}

type Change = SignedCall<typeof changeArchive>

const commandsOf = (call: Change): readonly ArchiveCommand[] => {
  const { subscribed, quotaBytes, retentionDays, holds = [], liftHolds = [] } = call.body
  const { now } = call
  const asker = domainAsker(call.asker)
  const reason = call.reason ?? ''
  return [
    ...(subscribed === undefined ? [] : [{ kind: 'set-subscription', subscribed, asker } as const]),
    ...(quotaBytes === undefined ? [] : [{ kind: 'set-archive-quota', bytes: quotaBytes, asker } as const]),
    ...(retentionDays === undefined ? [] : [{ kind: 'set-retention', days: retentionDays, now, asker } as const]),
    // First those that are placed: nothing is unheld in between.
    ...holds
      .map((wanted, place) => ({ ...wanted, place }))
      .filter(({ id }) => id === undefined)
      .map(({ name, from, until, query, place }) => ({
        kind: 'place-hold' as const,
        wanted: { hold: call.commandId(`hold ${place}`), name, from, until, query, reason },
        now,
        asker,
      })),
    ...liftHolds.map((hold) => ({ kind: 'lift-hold' as const, hold, reason, now, asker })),
  ]
}

const shownReader = ({ at, reader, what, mail, query, reason, approval }: ArchiveReaderRow, officer: boolean) => ({
  at: toTime(at),
  by: reader,
  what,
  mail,
  query: officer ? query : null,
  reason: officer ? reason : null,
  approval: officer ? approval : null,
})
