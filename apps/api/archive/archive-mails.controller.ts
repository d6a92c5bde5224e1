import { Readable } from 'node:stream'
import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { copyRole } from '#domain/archive/copy'
import { archiveStream } from '#domain/archive/events'
import { isHeld } from '#domain/archive/holds'
import { itemId, type CopyName } from '#domain/archive/item-id'
import { retainedUntil } from '#domain/archive/retention'
import { copyKey, recipientOf } from '#domain/mail/state'
import { aggregates } from '#infra/commands/aggregates'
import { policyRetention } from '#infra/commands/policy-retention'
import type { Position } from '#infra/event-log/port'
import type { ArchivedRow } from '#projections/archive-index/projection'
import { heldAsVirus } from '../mails/part.ts'
import { MailStream } from '../mails/mail-stream.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { mailbox, toTimeOrNull } from '../resources/shapes.ts'
import { ok, type Answer } from '../route/answer.ts'
import { pageFrom, pageOf, pageQuery, readCursor } from '../route/paging.ts'
import { forbidden, notFound, Problem } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { ArchiveReading, type ArchiveReader } from './reading.ts'
import { ArchiveSearch, readQuery } from './search.ts'
import { archivedMail, archiveFacets, archiveItem, archiveItemId } from './shapes.ts'
import { shownArchived, shownItem } from './shown.ts'

const VIEW = 'archive-index'
const who = ['compliance', 'self'] as const
const params = z.object({ id: archiveItemId })

const listArchived = route({
  verb: 'get',
  path: '/archive/mails',
  tag: 'Archive',
  summary: 'Archived mail: all, or what a query finds',
  description:
    'What may be in `q` is on the page docs/searching.md. Without it all mail, the newest first. A user sees their own. A compliance officer sees all, or those of one `account`, with the reason in `Mailkeep-Reason`; where policy wants four eyes, all of them only with an approved request in `Mailkeep-Approval`. Each answer is recorded before it leaves.',
  access: { who, scope: 'archive:read' },
  query: z.strictObject({
    ...pageQuery,
    account: mailbox.optional().describe('whose archive; absent: for a user their own, for an officer all'),
    in: copyRole.optional(),
    q: z.string().max(20_000).optional().describe('words and filters'),
    sort: z
      .enum(['date', 'relevance'])
      .optional()
      .describe('newest first, or the best match first; absent: by date, but the best match first for words with OR'),
    facets: z
      .enum(['true', 'false'])
      .optional()
      .describe('with `q`: counts of people, months, sizes and kinds of files in all that is found'),
  }),
  reason: true,
  answers: {
    200: {
      is: 'By mail, the newest first',
      schema: pageOf(archiveItem).extend({
        position: z.string().nullable().optional().describe('with `q`: complete up to here in the log'),
        facets: archiveFacets.nullable().optional(),
      }),
    },
  },
  views: [VIEW],
})

const showArchived = route({
  verb: 'get',
  path: '/archive/mails/:id',
  tag: 'Archive',
  summary: 'An archived mail: its envelope, its verdict, how it was authenticated',
  description:
    'Of what somebody received they see their own part of the envelope, of what they sent all of it; a compliance officer, with the reason in `Mailkeep-Reason`, all of any.',
  access: { who, scope: 'archive:read' },
  params,
  reason: true,
  answers: { 200: { is: 'The mail', schema: archivedMail } },
  views: [VIEW],
})

const readArchived = route({
  verb: 'get',
  path: '/archive/mails/:id/content',
  tag: 'Archive',
  summary: 'The archived message, byte for byte',
  description:
    'What a user sent as they submitted it, what they received as it came, or as it went out to them. A compliance officer reads any, with the reason in `Mailkeep-Reason`. Each reading is recorded before it is answered.',
  access: { who, scope: 'content:read' },
  params,
  reason: true,
  answers: { 200: { is: 'The message', type: 'message/rfc822' } },
  views: [VIEW],
})

/** What the archive has, for whose it is and for officers. Nothing here changes it. */
@Controller()
export class ArchiveMailsController {
  readonly #parts: ApiParts
  readonly #reading: ArchiveReading
  readonly #mails: MailStream
  readonly #search: ArchiveSearch

  constructor(
    @Inject(API_PARTS) parts: ApiParts,
    @Inject(ArchiveReading) reading: ArchiveReading,
    @Inject(MailStream) mails: MailStream,
    @Inject(ArchiveSearch) search: ArchiveSearch,
  ) {
    this.#parts = parts
    this.#reading = reading
    this.#mails = mails
    this.#search = search
  }

  @Route(listArchived)
  async list(@TheCall() call: SignedCall<typeof listArchived>): Promise<Answer> {
    const { account, cursor, limit, q } = call.query
    if (q !== undefined) return this.#find(call, q)
    const scope = await this.#reading.scope(call, account, null)
    const before = readCursor<readonly [string]>(cursor, ['string'])
    const rows = this.#parts.views.select<ArchivedRow>(
      VIEW,
      `SELECT * FROM {copies}
        WHERE ${scope.account === null ? '' : 'account = :account AND'} (:before IS NULL OR id < :before)
          AND (:role IS NULL OR role = :role) AND archivedAt > :after
        ORDER BY id DESC LIMIT :limit`,
      {
        ...(scope.account === null ? {} : { account: scope.account }),
        before: before?.[0] ?? null,
        role: call.query.in ?? null,
        after: scope.after ?? -1,
        limit: limit + 1,
      },
    )
    const page = pageFrom(
      rows,
      limit,
      ({ id }) => [id],
      (row) => shownItem(row, []),
    )
    await this.#reading.recordSearch(scope, null, page.items)
    return ok(page)
  }

  async #find(call: SignedCall<typeof listArchived>, q: string): Promise<Answer> {
    const { account, cursor, limit, in: role, sort, facets } = call.query
    const query = readQuery(q)
    const scope = await this.#reading.scope(call, account, q)
    const found = await this.#search.find(scope, {
      query,
      role,
      order: sort ?? null,
      cursor: cursor ?? null,
      limit,
      facets: facets === 'true',
      after: positionIn(call.request.headers['mailkeep-after']),
    })
    await this.#reading.recordSearch(scope, q, found.items)
    return ok(found)
  }

  @Route(showArchived)
  async show(@TheCall() call: SignedCall<typeof showArchived>): Promise<Answer> {
    const { row, reader } = await this.#found(call)
    const { mail } = await this.#mails.find(row.mail)
    const standing = await this.#standing(row, mail.accepted.acceptedAt)
    await this.#reading.recordRead(reader, row, 'item')
    return ok({ ...shownArchived(row, mail, reader), ...standing })
  }

  @Route(readArchived)
  async read(@TheCall() call: SignedCall<typeof readArchived>): Promise<Answer> {
    const { row, reader } = await this.#found(call)
    const { mail } = await this.#mails.find(row.mail)
    if (mail.copies.get(copyKey(row.account, row.role))?.purged !== false) throw gone()
    if (reader.as === 'user' && row.role === 'received' && heldAsVirus(mail, recipientOf(mail, row.account)))
      throw forbidden('It is held as a virus and can not be read.')
    if (!(await this.#parts.content.has(row.contentHash))) {
      this.#parts.log.error(
        { id: call.requestId, item: row.id, content: row.contentHash },
        'archived content is missing',
      )
      throw gone()
    }
    await this.#reading.recordRead(reader, row, 'content')
    return {
      status: 200,
      stream: Readable.from(this.#parts.content.open(row.contentHash), { objectMode: false }),
      headers: {
        'Content-Type': 'message/rfc822',
        'Content-Length': String(row.size),
        'Content-Disposition': `attachment; filename="${row.mail}.eml"`,
        'Content-Security-Policy': "default-src 'none'; sandbox",
        'Cache-Control': 'no-store',
      },
    }
  }

  /** How long it is kept at least, as of now. */
  async #standing({ account, dueAt, retainUntil }: ArchivedRow, acceptedAt: number) {
    const { events, states } = this.#parts
    const { state } = await states.loadNewest(aggregates.archive, archiveStream(account))
    const until = retainedUntil({ dueAt, retainUntil }, state.retention, await policyRetention(events))
    return { retainUntil: toTimeOrNull(until), held: isHeld(state.holds, { acceptedAt, dueAt }) }
  }

  async #found(
    call: SignedCall<typeof showArchived>,
  ): Promise<{ readonly row: ArchivedRow; readonly reader: ArchiveReader }> {
    const name: CopyName = call.params.id
    const row = this.#parts.views.get<ArchivedRow>(VIEW, 'copies', [itemId(name)])
    const reader = await this.#reading.copy(call, name, row?.archivedAt)
    if (row === undefined) throw notFound('such mail in the archive')
    return { row, reader }
  }
}

/** Checked by the pipeline before. */
const positionIn = (header: unknown): Position | null =>
  typeof header === 'string' && /^\d{20}$/.test(header) ? (header as Position) : null

const gone = (): Problem => new Problem('gone', 'This content is no longer kept.')
