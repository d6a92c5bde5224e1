import { randomUUID } from 'node:crypto'
import { ulid } from 'ulid'
import type { DigestContent, DigestWindowClosed } from '#domain/digest/events'
import { isDeclined } from '#domain/kernel/decider'
import type { EventOf } from '#domain/kernel/event-type'
import type { Instant } from '#domain/kernel/instant'
import type { Commands } from '#infra/commands/commands'
import { acceptOwnMail, ownAddress, ownMailId } from '#infra/commands/own-mail'
import type { Policies } from '#infra/commands/policies'
import type { ContentStore } from '#infra/content-store/port'
import { LinkTokens, type LinkAct } from '#infra/credentials/link-tokens'
import type { SecretKey } from '#infra/config/secret-key'
import type { EventLog, RecordedEvent } from '#infra/event-log/port'
import { startDueWork, startReaction, type Reaction } from '#infra/event-log/reaction'
import type { Logger } from '#infra/observability/logger'
import { composeOwnMail } from '#infra/smtp/compose'
import type { ViewReader } from '#infra/views/port'
import type { DigestAccountRow, DigestDefaultRow } from '#projections/digest/projection'
import { saidBy } from '#projections/digest/said-by'
import { symbolsOf } from '#projections/mail-trace/symbols-of'
import type { QuarantineRow } from '#projections/quarantine/projection'
import { composeDigest, type ComposedDigest, type HeldMail } from './compose.ts'
import { dueDigests } from './due.ts'
import { gather, isEmpty } from './gather.ts'

export interface DigestParts {
  readonly log: EventLog
  readonly commands: Commands
  readonly content: Pick<ContentStore, 'put'>
  readonly policies: Policies
  readonly secrets: Pick<SecretKey, 'derive'>
  readonly views: ViewReader
  readonly clock: () => Instant
  readonly logger: Logger
  readonly hostname: string
  /** Base of the links. */
  readonly publicUrl: () => string
}

/** The views that a digest is told from. */
const VIEWS = ['digest', 'quarantine', 'mail-trace', 'refusals'] as const
const EVERY_MS = 1_000
const AT_ONCE = 8
const BATCH = 200
const PART = 'projector'

type Closed = EventOf<readonly [typeof DigestWindowClosed]>
type About = { readonly address: string; readonly id: string; readonly to: Instant; readonly tells: DigestContent }

/**
 * WhenItIsTimeThenCloseTheWindow, WhenTheWindowIsClosedThenAcceptTheDigest. What a digest tells is in the event, so one window has one digest
 * however often either runs and on however many nodes.
 */
export class Digests {
  readonly #parts: DigestParts
  readonly #links: LinkTokens
  #running: Reaction[] = []
  /** The views have what was in the log at `at`. */
  #caughtUp: { readonly at: Instant; readonly done: Promise<void> } | null = null

  constructor(parts: DigestParts) {
    this.#parts = parts
    this.#links = new LinkTokens(parts.secrets)
  }

  async start(): Promise<void> {
    const { clock, log, logger, policies, views } = this.#parts
    await policies.fresh()
    this.#running = [
      await startReaction(log, {
        group: 'digests',
        filter: { types: ['DigestWindowClosed'] },
        concurrency: AT_ONCE,
        react: (event) => this.#acceptFor(event),
        onFailure: (event, error) => logger.error({ err: error, digest: event.stream }, 'a digest was not sent'),
      }),
      startDueWork({
        due: () => {
          const now = clock()
          return dueDigests(views, policies.current('digest').document, now, BATCH).map(
            ({ address, to }) => `${to} ${address}`,
          )
        },
        batch: BATCH,
        react: (key) => this.#closeWindow(key.slice(key.indexOf(' ') + 1), Number(key.slice(0, key.indexOf(' ')))),
        concurrency: AT_ONCE,
        everyMs: EVERY_MS,
        onFailure: (key, error) => logger.error({ err: error, digest: key }, 'a digest is late, it is tried again'),
      }),
    ]
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map((reaction) => reaction.stop()))
  }

  /** What the next digest would say now. Null: there is no such account. */
  async preview(address: string): Promise<ComposedDigest | null> {
    const about = await this.#aboutNow(address, ulid(this.#parts.clock()))
    return about === null ? null : this.#compose(about)
  }

  /** The same as a mail, now; the window stays open. Answers the mail's id; null: there is no such account. */
  async send(address: string): Promise<string | null> {
    const about = await this.#aboutNow(address, ulid(this.#parts.clock()))
    if (about === null) return null
    await this.#accept(about, about.to, randomUUID())
    return about.id
  }

  async #aboutNow(address: string, id: string): Promise<About | null> {
    const to = this.#parts.clock()
    const row = await this.#account(address, to)
    if (row === undefined) return null
    const { tells } = gather(this.#parts.views, { address, from: row.closedAt, to, through: row.through })
    return { address, id, to, tells }
  }

  async #closeWindow(address: string, to: Instant): Promise<void> {
    const { clock, commands, policies, views } = this.#parts
    const row = await this.#account(address, to)
    await policies.fresh()
    if (row === undefined || (row.closedAt !== null && to <= row.closedAt)) return
    const ofDomain = views.get<DigestDefaultRow>('digest', 'defaults', [row.domain])
    const { wishes } = saidBy(row.wishes, ofDomain, policies.current('digest').document.wishes)
    const { tells, through } = gather(views, { address, from: row.closedAt, to, through: row.through })
    const isWanted = wishes.when === 'held' ? tells.heldCount > 0 : !isEmpty(tells)
    const commandId = `digest ${address} ${to}`
    const answer = await commands.digest(
      address,
      { kind: 'close-window', after: row.closedAt, to, through, tells: isWanted ? tells : null },
      { actor: { kind: 'system', part: PART }, now: clock(), commandId, correlationId: commandId },
    )
    // Another node was quicker; its window is in the view in a moment.
    if (isDeclined(answer) && answer.code !== 'conflict') throw new Error(answer.reason)
  }

  /** From views that have all that was in the log at `to`. */
  async #account(address: string, to: Instant): Promise<DigestAccountRow | undefined> {
    const { clock, views } = this.#parts
    // Many digests are due at once: one look at the log serves them all.
    if (this.#caughtUp === null || this.#caughtUp.at < to) this.#caughtUp = { at: clock(), done: this.#catchUp() }
    const { done } = this.#caughtUp
    try {
      await done
    } catch (error) {
      if (this.#caughtUp.done === done) this.#caughtUp = null
      throw error
    }
    return views.get<DigestAccountRow>('digest', 'accounts', [address])
  }

  async #catchUp(): Promise<void> {
    const { log, views } = this.#parts
    const last = await log.lastPosition()
    if (last !== null) await Promise.all(VIEWS.map((view) => views.caughtUp(view, last)))
  }

  async #acceptFor(event: RecordedEvent): Promise<void> {
    const { tells, to } = (event as unknown as Closed).data
    if (tells === null) return
    await this.#parts.views.caughtUp('quarantine', event.position)
    const address = event.stream.slice('digest-'.length)
    const about = { address, id: ownMailId('digest', event), to, tells }
    await this.#accept(about, event.metadata.occurredAt, event.metadata.correlationId)
  }

  async #accept(about: About, acceptedAt: Instant, correlationId: string): Promise<void> {
    const { hostname, policies } = this.#parts
    await policies.fresh()
    const { address, id } = about
    const { subject, text, html } = await this.#compose(about)
    const from = { name: 'Mailkeep', address: ownAddress('mailkeep', hostname) }
    const messageId = `<${id}@${hostname}>`
    const unsubscribe = this.#url('unsubscribe', { mail: id, recipient: address, expiresAt: this.#untilSignIn(about) })
    const raw = await composeOwnMail({
      from,
      to: address,
      subject,
      text,
      html,
      messageId,
      date: new Date(acceptedAt),
      unsubscribe,
    })
    const declined = await acceptOwnMail(
      this.#parts,
      {
        id,
        raw,
        acceptedAt,
        from,
        recipients: [{ address, mailbox: address }],
        subject,
        messageId,
        hostname,
      },
      { part: PART, correlationId },
    )
    if (declined !== null) throw new Error(`the digest ${id} of ${address} was declined: ${declined.reason}`)
  }

  #compose(about: About): Promise<ComposedDigest> {
    const { address, id, tells } = about
    const expiresAt = this.#untilSignIn(about)
    return composeDigest({
      address,
      timeZone: this.#parts.views.get<DigestAccountRow>('digest', 'accounts', [address])?.timeZone ?? 'UTC',
      held: this.#held(address, tells.held),
      tells,
      link: (act, row) =>
        row === null
          ? this.#url(act, { mail: id, recipient: address, expiresAt })
          : // A mail that stays for ever is not released by a link for ever.
            this.#url(act, { mail: row.mail, recipient: address, expiresAt: row.expiresAt ?? expiresAt }),
    })
  }

  #untilSignIn({ to }: About): Instant {
    return to + this.#parts.policies.current('digest').document.links.signInFor
  }

  /** Those that are there still, in the order given. */
  #held(address: string, mails: readonly string[]): readonly HeldMail[] {
    const { views } = this.#parts
    const symbols = symbolsOf(mails, (sql, values) => views.select('mail-trace', sql, values))
    return mails.flatMap((mail) => {
      const row = views.get<QuarantineRow>('quarantine', 'items', [mail, address])
      return row === undefined ? [] : [{ row, symbols: symbols.get(mail) ?? [] }]
    })
  }

  #url(act: LinkAct, about: { mail: string; recipient: string; expiresAt: Instant }): string {
    const keys = this.#parts.policies.current('digest').document.links
    return `${this.#parts.publicUrl()}/links/${this.#links.sign({ act, ...about }, keys)}`
  }
}
