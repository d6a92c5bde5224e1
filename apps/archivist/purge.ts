import { hash } from 'node:crypto'
import type { Logger } from 'pino'
import type { Candidate } from '#domain/archive/commands'
import { archiveStream, MOST_PURGED, type ArchiveEvent } from '#domain/archive/events'
import { isHeld } from '#domain/archive/holds'
import { retainedUntil, type PolicyRetention } from '#domain/archive/retention'
import type { ArchiveAccount } from '#domain/archive/state'
import { isDeclined } from '#domain/kernel/decider'
import type { Instant } from '#domain/kernel/instant'
import { mailStream } from '#domain/mail/events'
import { copyKey } from '#domain/mail/state'
import { aggregates } from '#infra/commands/aggregates'
import type { Commands } from '#infra/commands/commands'
import type { Policies } from '#infra/commands/policies'
import { policyRetention } from '#infra/commands/policy-retention'
import type { StreamStates } from '#infra/commands/stream-states'
import type { EventLog } from '#infra/event-log/port'
import type { ViewReader } from '#infra/views/port'
import { FULL_ACCOUNTS } from '#projections/archive-accounts/full-accounts'
import type { ArchiveAccountRow } from '#projections/archive-accounts/tables'
import type { ArchivedRow } from '#projections/archive-index/projection'

export interface PurgeParts {
  readonly log: Pick<EventLog, 'lastPosition' | 'readStream'>
  readonly commands: Pick<Commands, 'archive' | 'mail'>
  readonly states: StreamStates
  readonly policies: Policies
  readonly views: Pick<ViewReader, 'caughtUp' | 'select'>
  readonly clock: () => Instant
  readonly logger: Logger
}

type Purged = Extract<ArchiveEvent, { type: 'Purged' }>['data']
type Because = Purged['because']
type Row = Pick<ArchivedRow, 'id' | 'mail' | 'account' | 'role' | 'size' | 'dueAt' | 'retainUntil'>

const VIEWS = ['archive-index', 'archive-accounts']
const PAGE = 500

/** Carries out what policy says about copies whose time is over; does nothing where it says nothing. Answers how many went. */
export const purgeArchives = async (parts: PurgeParts, stopping: AbortSignal): Promise<number> => {
  const { clock, log, policies, views } = parts
  await policies.fresh()
  const { document, version } = policies.current('archive')
  const purging = document.purge === 'expired'
  if (!purging && document.whenFull !== 'make-room') return 0
  const newest = await log.lastPosition({ types: ['Archived', 'CopyPurged', 'Purged'] })
  if (newest === null) return 0
  await Promise.all(VIEWS.map((view) => views.caughtUp(view, newest)))
  const purge = new Purge(parts, await policyRetention(log), version, clock(), stopping)
  const purged = await (purging ? purge.everything() : purge.forRoom(document.quotaBytes))
  const { failures } = purge
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '))
  return purged
}

class Purge {
  /** What fails for one account must not keep the others from their purge. */
  readonly failures: unknown[] = []
  readonly #parts: PurgeParts
  readonly #said: readonly PolicyRetention[]
  readonly #version: number
  readonly #now: Instant
  readonly #stopping: AbortSignal

  constructor(
    parts: PurgeParts,
    said: readonly PolicyRetention[],
    version: number,
    now: Instant,
    stopping: AbortSignal,
  ) {
    this.#parts = parts
    this.#said = said
    this.#version = version
    this.#now = now
    this.#stopping = stopping
  }

  async everything(): Promise<number> {
    let purged = 0
    let after: Pick<Row, 'id' | 'retainUntil'> = { retainUntil: -1, id: '' }
    for (;;) {
      const rows = this.#parts.views.select<Row>('archive-index', EXPIRED, {
        now: this.#now,
        retainUntil: after.retainUntil,
        id: after.id,
        limit: PAGE,
      })
      for (const [account, ofAccount] of Map.groupBy(rows, (row) => row.account))
        purged += await this.#purge(account, ofAccount, 'retention')
      if (rows.length < PAGE || this.#stopping.aborted) return purged
      after = rows.at(-1)!
    }
  }

  async forRoom(quotaBytes: number | null): Promise<number> {
    let purged = 0
    for (let after = ''; ;) {
      const full = this.#parts.views.select<ArchiveAccountRow>('archive-accounts', FULL_ACCOUNTS, {
        quotaBytes,
        after,
        limit: PAGE,
      })
      for (const row of full) purged += await this.#makeRoom(row, row.ownQuota === 1 ? row.quotaBytes : quotaBytes)
      if (full.length < PAGE || this.#stopping.aborted) return purged
      after = full.at(-1)!.address
    }
  }

  /** The oldest first, until it is no longer full, and no further. */
  async #makeRoom({ address, usedBytes }: ArchiveAccountRow, quota: number | null): Promise<number> {
    let purged = 0
    let tooMuch = quota === null ? 0 : usedBytes - quota
    let after: Pick<Row, 'dueAt' | 'id'> = { dueAt: -1, id: '' }
    while (tooMuch >= 0 && !this.#stopping.aborted) {
      const rows = this.#parts.views.select<Row>('archive-index', OLDEST_EXPIRED, {
        now: this.#now,
        account: address,
        dueAt: after.dueAt,
        id: after.id,
        limit: PAGE,
      })
      const { state } = await this.#parts.states.loadNewest(aggregates.archive, archiveStream(address))
      const enough: Row[] = []
      for (const row of rows) {
        if (tooMuch < 0) break
        if (!this.#mayGo(state, row)) continue
        enough.push(row)
        tooMuch -= row.size
      }
      purged += await this.#purge(address, enough, 'room')
      if (rows.length < PAGE) break
      after = rows.at(-1)!
    }
    return purged
  }

  /** As far as a view knows; the decider has the last word. */
  #mayGo({ holds, retention }: ArchiveAccount, { dueAt, retainUntil }: Row): boolean {
    const until = retainedUntil({ dueAt, retainUntil }, retention, this.#said)
    return until !== null && until <= this.#now && !isHeld(holds, { acceptedAt: dueAt, dueAt })
  }

  async #purge(account: string, rows: readonly Row[], because: Because): Promise<number> {
    let purged = 0
    try {
      for (let from = 0; from < rows.length && !this.#stopping.aborted; from += MOST_PURGED)
        purged += await this.#batch(account, rows.slice(from, from + MOST_PURGED), because)
    } catch (error) {
      this.failures.push(error)
    }
    return purged
  }

  async #batch(account: string, rows: readonly Row[], because: Because): Promise<number> {
    const { commands, logger, states } = this.#parts
    const { state } = await states.loadNewest(aggregates.archive, archiveStream(account))
    if (state.purged !== null) await tellPurged(this.#parts, account, state.purged)
    const after = state.purged?.batch ?? 0
    const candidates: Candidate[] = []
    for (const row of rows.filter((one) => this.#mayGo(state, one))) candidates.push(...(await this.#stillThere(row)))
    if (candidates.length === 0) return 0
    const outcome = await commands.archive(
      account,
      {
        kind: 'purge',
        after,
        because,
        policyVersion: this.#version,
        policyRetention: this.#said,
        candidates,
        now: this.#now,
      },
      {
        actor: { kind: 'system', part: 'archivist' },
        now: this.#now,
        commandId: `${account}/purge/${after + 1}/${hash('sha256', candidates.map(({ mail, role }) => `${role} ${mail}`).join('\n'))}`,
        correlationId: `${account}/purge/${after + 1}`,
      },
    )
    if (isDeclined(outcome)) {
      logger.info({ account, reason: outcome.reason }, 'a purge was not made')
      return 0
    }
    let purged = 0
    for (const event of outcome.events) {
      if (event.type !== 'Purged') continue
      await tellPurged(this.#parts, account, event.data)
      purged += event.data.copies.length
    }
    return purged
  }

  /** As the mail itself has it. */
  async #stillThere({ mail, account, role }: Row): Promise<Candidate[]> {
    const { state } = await this.#parts.states.loadNewest(aggregates.mail, mailStream(mail))
    const copy = state?.copies.get(copyKey(account, role))
    if (state === null || copy === undefined || copy.purged) return []
    const { contentHash, size, dueAt, retainUntil } = copy
    return [{ mail, role, contentHash, size, acceptedAt: state.accepted.acceptedAt, dueAt, retainUntil }]
  }
}

/** WhenPurgedThenTell: the mails of a batch, one by one; whoever was told before has nothing to say. */
export const tellPurged = async (
  { commands, clock }: Pick<PurgeParts, 'commands' | 'clock'>,
  account: string,
  { batch, copies }: Purged,
): Promise<void> => {
  for (const { mail, role } of copies) {
    const outcome = await commands.mail(
      mail,
      { kind: 'record-purge', account, role },
      {
        actor: { kind: 'system', part: 'archivist' },
        now: clock(),
        commandId: `${account}/purge/${batch}/${role}`,
        correlationId: `${account}/purge/${batch}`,
      },
    )
    if (isDeclined(outcome)) throw new Error(`${mail} could not be told of its purge: ${outcome.reason}`)
  }
}

const EXPIRED = `SELECT id, mail, account, role, size, dueAt, retainUntil FROM {copies}
  WHERE retainUntil <= :now AND (retainUntil, id) > (:retainUntil, :id) ORDER BY retainUntil, id LIMIT :limit`

const OLDEST_EXPIRED = `SELECT id, mail, account, role, size, dueAt, retainUntil FROM {copies}
  WHERE account = :account AND (dueAt, id) > (:dueAt, :id) AND +retainUntil <= :now ORDER BY dueAt, id LIMIT :limit`
