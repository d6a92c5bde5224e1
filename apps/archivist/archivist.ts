import { hash } from 'node:crypto'
import type { Logger } from 'pino'
import { DUE_TYPES } from '#domain/archive/due'
import type { HeaderMailbox } from '#domain/archive/copy'
import type { ArchiveEvent } from '#domain/archive/events'
import { isDeclined } from '#domain/kernel/decider'
import type { Instant } from '#domain/kernel/instant'
import { contentOf } from '#domain/mail/archiving'
import type { CopyToMake } from '#domain/mail/commands'
import { mailStream } from '#domain/mail/events'
import { nextStep } from '#domain/mail/next-step'
import { copyKey, recipientOf, type Mail } from '#domain/mail/state'
import { aggregates } from '#infra/commands/aggregates'
import type { ArchiveTerms } from '#infra/commands/archive-terms'
import type { Commands } from '#infra/commands/commands'
import { owedBy, owedCopies, type OwedCopy } from '#infra/commands/owed-copies'
import type { Policies } from '#infra/commands/policies'
import { asDomainEvent, type StreamStates } from '#infra/commands/stream-states'
import type { ContentStore } from '#infra/content-store/port'
import { headerRecipients } from '#infra/content-scan/summary'
import type { EventLog, RecordedEvent } from '#infra/event-log/port'
import { OneAtATime, startDueWork, startReaction, type Reaction } from '#infra/event-log/reaction'
import { purgeArchives, tellPurged, type PurgeParts } from './purge.ts'
import { headerOf } from '#infra/content-scan/header-of'

/** What the archivist stands on; apps/mailkeep puts it together. */
export interface ArchivistParts {
  readonly log: EventLog
  readonly commands: Pick<Commands, 'archive' | 'mail'>
  readonly states: StreamStates
  readonly content: Pick<ContentStore, 'open'>
  readonly terms: ArchiveTerms
  readonly clock: () => Instant
  readonly logger: Logger
  readonly policies: Policies
  readonly views: PurgeParts['views']
}

const CONCURRENCY = 16
const PURGE_EVERY_MS = 60_000
/** Of a copy's `to`, in the event: a mail to many has one for each of them. */
const MOST_TO_CHARACTERS = 4_000
/** One append stays far below the log's 1 MiB. */
const MOST_COPIES = 100

/** WhenClearedThenArchive: a copy for whoever was subscribed when it became due, once, whether or not the mailbox host is up. */
export class Archivist {
  readonly #parts: ArchivistParts
  readonly #turns = new OneAtATime()
  readonly #stopping = new AbortController()
  #running: Reaction[] = []

  constructor(parts: ArchivistParts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    const { log, logger } = this.#parts
    this.#running = [
      await startReaction(log, {
        group: 'archivist',
        filter: { categories: ['mail'], types: DUE_TYPES },
        concurrency: CONCURRENCY,
        react: (event) => this.#archive(event),
        onFailure: (event, error, retryCount) =>
          logger.error({ err: error, mail: event.stream, retryCount }, 'archiving failed, it is tried again'),
      }),
      await startReaction(log, {
        group: 'archivist-purges',
        filter: { types: ['Purged'] },
        concurrency: 1,
        react: (event) =>
          tellPurged(
            this.#parts,
            event.stream.slice('archive-'.length),
            asDomainEvent<Extract<ArchiveEvent, { type: 'Purged' }>>(event).data,
          ),
        onFailure: (event, error, retryCount) =>
          logger.error({ err: error, archive: event.stream, retryCount }, 'mails could not be told of their purge'),
      }),
      startDueWork({
        due: () => ['purge'],
        react: async () => {
          const purged = await purgeArchives(this.#parts, this.#stopping.signal)
          if (purged > 0) logger.info({ purged }, 'copies whose time was over were purged')
        },
        concurrency: 1,
        everyMs: PURGE_EVERY_MS,
        onFailure: (_, error) => logger.error({ err: error }, 'the archive could not be purged, it is tried again'),
      }),
    ]
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#running.map((each) => each.stop()))
  }

  async #archive(event: RecordedEvent): Promise<void> {
    const { states, terms } = this.#parts
    await terms.fresh()
    const due = owedBy(terms, event)
    if (due === null) return
    const id = event.stream.slice('mail-'.length)
    await this.#turns.run(id, async () => {
      const { state: mail } = await states.loadAtLeast(aggregates.mail, mailStream(id), event.revision)
      if (mail === null || mail.copies.has(copyKey(due.account, due.role))) return
      const copies = isOnly(mail, due) ? [due] : await owedCopies(this.#parts, id)
      for (let from = 0; from < copies.length; from += MOST_COPIES)
        await this.#make(id, mail, copies.slice(from, from + MOST_COPIES))
    })
  }

  async #make(id: string, mail: Mail, copies: readonly OwedCopy[]): Promise<void> {
    const { clock, commands, content } = this.#parts
    const headers = new Map<string, readonly HeaderMailbox[]>()
    const made: CopyToMake[] = []
    for (const copy of copies) {
      const { contentHash } = contentOf(mail, copy.role)
      let to = headers.get(contentHash)
      if (to === undefined) {
        to = headerRecipients(await headerOf(content.open(contentHash)), MOST_TO_CHARACTERS)
        headers.set(contentHash, to)
      }
      made.push({ ...copy, to })
    }
    const outcome = await commands.mail(
      id,
      { kind: 'archive', copies: made },
      {
        actor: { kind: 'system', part: 'archivist' },
        now: clock(),
        // Another node may make other copies at the same moment: those of each call have ids of their own.
        commandId: `${id}/archive/${hash('sha256', made.map((copy) => copyKey(copy.account, copy.role)).join('\n'))}`,
        correlationId: id,
      },
    )
    if (isDeclined(outcome)) throw new Error(`${id} was not archived: ${outcome.reason}`)
  }
}

/** Nothing else of the mail can be owed, and this one never was while it was held: the event at hand says all. */
const isOnly = (mail: Mail, { account, role }: OwedCopy): boolean => {
  const { copies } = nextStep(mail)
  const [only] = copies
  return (
    copies.length === 1 &&
    only?.account === account &&
    only.role === role &&
    (recipientOf(mail, account)?.reason ?? null) === null
  )
}
