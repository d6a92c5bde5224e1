import { performance } from 'node:perf_hooks'
import { isDeclined } from '#domain/kernel/decider'
import type { Instant } from '#domain/kernel/instant'
import { mailStream, type MailEvent } from '#domain/mail/events'
import type { ContentHash } from '#domain/message/content-hash'
import { nextStep } from '#domain/mail/next-step'
import type { Mail, MailState } from '#domain/mail/state'
import { judgeMail } from '#domain/scoring/judge-mail'
import type { InspectionPolicy } from '#domain/policy/documents'
import type { ScanOutcome } from '#infra/antivirus/port'
import { aggregates } from '#infra/commands/aggregates'
import type { HostedDomains } from '#infra/commands/hosted-domains'
import type { Policies, VersionedPolicy } from '#infra/commands/policies'
import type { StreamStates } from '#infra/commands/stream-states'
import type { ContentStore } from '#infra/content-store/port'
import type { EventLog, Position } from '#infra/event-log/port'
import { OneAtATime, startDueWork, startReaction, type Reaction } from '#infra/event-log/reaction'
import { InspectionClaims, type ClaimParts } from './claims.ts'
import type { Claimant } from '#infra/event-log/lease'
import type { Inspection, InspectionJob, Judging } from './inspection.ts'
import { circumstancesAsOf, type Circumstances } from './circumstances.ts'
import { reportOf } from './scan-report.ts'

/** What the inspector stands on; apps/mailkeep puts it together. */
export interface InspectorParts extends ClaimParts {
  readonly log: EventLog
  readonly states: StreamStates
  readonly content: Pick<ContentStore, 'put'>
  readonly policies: Policies
  readonly domains: HostedDomains
  readonly pool: { inspect(job: InspectionJob): Promise<Inspection>; close(): Promise<void> }
  /** Mails whose scan is due, oldest first, from the inspection-queue view. */
  readonly due: (now: Instant, limit: number, claimant: Claimant) => readonly string[]
  /** Mail and recipient of quarantines that have run out, from the quarantine view. */
  readonly expired: (now: Instant, limit: number) => readonly { readonly mail: string; readonly recipient: string }[]
  readonly metrics: InspectorMetrics
  /** The scanner is away (with its name and why), or answers again (null). */
  readonly onScanner: (scanner: string, trouble: string | null) => void
}

export interface InspectorMetrics {
  /** One inspection by the pool. `outcome`: the scan's, or `judged`. */
  inspected(outcome: string, milliseconds: number): void
  /** What the mail's stream says now. */
  recorded(event: MailEvent): void
  /** Verdicts are there; `milliseconds` since acceptance. */
  judged(milliseconds: number): void
}

/** Why the inspector looks at a mail. */
interface Call {
  /** Of the event that called; null: whatever the log says now. */
  readonly revision: number | null
  /** Where the mail's `Accepted` is, when it is at hand. */
  readonly accepted: Position | null
  /** Answers the reaction group, which waits no longer; null where a due time called. */
  readonly claimed: (() => void) | null
}

type Owed = Pick<NonNullable<ReturnType<typeof nextStep>['inspection']>, 'step' | 'attempt'>

interface Judged {
  readonly judgement: NonNullable<Inspection['judgement']>
  /** Hash of its document, which is durable. */
  readonly evidence: ContentHash
  readonly policy: VersionedPolicy<'inspection'>
  readonly circumstances: Circumstances
}

/** WhenAcceptedThenInspect: virus scan, authentication, lists, score; each mail's next step from its own events. */
export class Inspector {
  readonly #parts: InspectorParts
  readonly #turns = new OneAtATime()
  readonly #startedAt: Instant
  readonly #claims: InspectionClaims
  #running: Reaction[] = []

  constructor(parts: InspectorParts) {
    this.#parts = parts
    this.#startedAt = parts.clock()
    this.#claims = new InspectionClaims(parts)
  }

  async start(): Promise<void> {
    const { log, logger, node, policies } = this.#parts
    await policies.fresh()
    const concurrency = policies.current('inspection').document.parallel
    const onFailure = (mail: string, error: unknown, retryCount: number) =>
      logger.error({ err: error, mail, retryCount }, 'inspection failed, it is tried again')
    this.#running = [
      await startReaction(log, {
        group: 'inspector',
        filter: { types: ['Accepted', 'ReleaseRequested'] },
        concurrency,
        react: ({ stream, revision, type, position }, claimed) =>
          this.#inspect(stream.slice('mail-'.length), {
            revision,
            accepted: type === 'Accepted' ? position : null,
            claimed,
          }),
        onFailure: (event, error, retryCount) => onFailure(event.stream, error, retryCount),
      }),
      startDueWork({
        due: () => this.#parts.due(this.#parts.clock(), 500, { node, since: this.#startedAt }),
        react: (mailId) => this.#inspect(mailId, { revision: null, accepted: null, claimed: null }),
        concurrency,
        everyMs: 500,
        onFailure: (mailId, error) => onFailure(mailId, error, 0),
      }),
      startDueWork({
        due: () => this.#parts.expired(this.#parts.clock(), 500).map(({ mail, recipient }) => `${mail}/${recipient}`),
        react: (key) => this.#expire(key),
        concurrency,
        everyMs: 5_000,
        onFailure: (key, error) => onFailure(key, error, 0),
      }),
    ]
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map((reaction) => reaction.stop()))
    await this.#parts.pool.close()
  }

  #inspect(mailId: string, call: Call): Promise<void> {
    return this.#turns.run(mailId, async () => {
      const work = () => this.#takeSteps(mailId, call)
      if (!this.#parts.log.shared) return work()
      if (call.claimed !== null) return this.#claims.whenLong(mailId, call.claimed, work)
      if ((await this.#owed(mailId, call)) !== null) await this.#claims.first(mailId, work)
    })
  }

  /** The mail's next step, and the one after, until nothing is owed now. */
  async #takeSteps(mailId: string, call: Call): Promise<void> {
    for (let steps = 0; steps < 6; steps++) {
      const next = await this.#owed(mailId, call)
      if (next === null) return
      await this.#take(mailId, next.mail, next.owed, call.accepted ?? (await this.#acceptedAt(mailId)))
    }
  }

  async #owed(mailId: string, { revision }: Call): Promise<{ readonly mail: Mail; readonly owed: Owed } | null> {
    const { clock, node, states } = this.#parts
    const { state: mail } =
      revision === null
        ? await states.loadNewest(aggregates.mail, mailStream(mailId))
        : await states.loadAtLeast(aggregates.mail, mailStream(mailId), revision)
    const owed = nextStep(mail, node).inspection
    return mail === null || owed === null || (owed.dueAt !== null && owed.dueAt > clock()) ? null : { mail, owed }
  }

  /** Position of the mail's `Accepted`. */
  async #acceptedAt(mailId: string): Promise<Position> {
    const [accepted] = await this.#parts.log.readStream(mailStream(mailId), { from: 0, limit: 1 })
    if (accepted === undefined) throw new Error(`mail ${mailId} has no first event`)
    return accepted.position
  }

  async #take(mailId: string, mail: Mail, { step, attempt }: Owed, position: Position): Promise<void> {
    const { content, domains, metrics, pool, policies } = this.#parts
    const { acceptedAt } = mail.accepted
    await Promise.all([policies.fresh(), domains.fresh()])
    const policy = policies.asOf('inspection', position)
    const circumstances =
      step === 'release-scan' ? null : await circumstancesAsOf(this.#parts, mail.recipients, position)
    const began = performance.now()
    const inspection = await pool.inspect({
      contentHash: mail.contentHash,
      size: mail.accepted.size,
      wants: step === 'release-scan' ? 'scan' : step === 'judge' ? 'judge' : 'scan-and-judge',
      scored: Object.entries(policy.document.unscannable).flatMap(([kind, treatment]) =>
        treatment === 'score' ? [kind] : [],
      ),
      judging:
        circumstances === null
          ? null
          : judgingOf(mail, {
              policy,
              resolverIsTrusted: policies.asOf('relay', position).document.resolverIsTrusted,
              lists: circumstances.lists,
            }),
    })
    metrics.inspected(inspection.scan?.outcome ?? 'judged', performance.now() - began)

    const { scan, judgement } = inspection
    // Side by side: each waits for the disk.
    const [current, evidence] = await Promise.all([
      scan === null ? mail : this.#recordScan(mailId, scan, step, attempt, policy.document, acceptedAt),
      judgement === null ? null : content.put(Buffer.from(judgement.evidence, 'utf8')),
    ])
    if (judgement === null || evidence === null || current === null || circumstances === null) return
    if (nextStep(current).inspection?.step === 'judge')
      await this.#recordJudgement(mailId, current, { judgement, evidence: evidence.hash, policy, circumstances })
  }

  async #recordScan(
    mailId: string,
    outcome: ScanOutcome,
    step: 'scan' | 'judge' | 'release-scan',
    attempt: number,
    policy: InspectionPolicy,
    acceptedAt: Instant,
  ): Promise<MailState> {
    const { commands, clock, metrics, onScanner } = this.#parts
    const now = clock()
    // A virus found by one engine says nothing about another that is away.
    if (outcome.outcome !== 'infected')
      onScanner(outcome.scanner.name, outcome.outcome === 'unavailable' ? outcome.reason : null)
    const report = reportOf(outcome, policy, { attempt, now, acceptedAt })
    const command =
      step === 'release-scan'
        ? ({ kind: 'record-release-scan', report, now } as const)
        : ({ kind: 'record-scan', report, now, expiresAt: now + policy.quarantineFor } as const)
    const recorded = await commands.mail(mailId, command, this.#asked(mailId, `${step}/${attempt}/${now}`))
    if (isDeclined(recorded)) throw new Error(`the scan of ${mailId} was declined: ${recorded.reason}`)
    for (const event of recorded.events) metrics.recorded(event)
    return recorded.state
  }

  async #recordJudgement(
    mailId: string,
    mail: Mail,
    { judgement, evidence, policy, circumstances }: Judged,
  ): Promise<void> {
    const { commands, clock, metrics } = this.#parts
    const { results, symbols: found, blockedAttachments: blocked } = judgement
    const { verdicts, symbols } = judgeMail(
      { ...mail.accepted, ...circumstances, results, symbols: found, blocked },
      policy.document,
    )
    const now = clock()
    const recorded = await commands.mail(
      mailId,
      {
        kind: 'judge',
        authentication: { results: judgement.results, header: judgement.header, evidence },
        symbols,
        policyVersion: policy.version,
        evidence,
        verdicts,
        now,
        expiresAt: now + policy.document.quarantineFor,
      },
      this.#asked(mailId, 'judge'),
    )
    if (isDeclined(recorded)) throw new Error(`the verdict on ${mailId} was declined: ${recorded.reason}`)
    for (const event of recorded.events) metrics.recorded(event)
    metrics.judged(now - mail.accepted.acceptedAt)
  }

  #expire(key: string): Promise<void> {
    const [mailId = '', recipient = ''] = [key.slice(0, key.indexOf('/')), key.slice(key.indexOf('/') + 1)]
    return this.#turns.run(mailId, async () => {
      const now = this.#parts.clock()
      const expired = await this.#parts.commands.mail(
        mailId,
        { kind: 'expire-quarantine', recipient, now },
        this.#asked(mailId, `expire/${recipient}`),
      )
      if (isDeclined(expired))
        this.#parts.logger.warn({ mail: mailId, recipient, reason: expired.reason }, 'a quarantine was not ended')
    })
  }

  #asked(mailId: string, step: string) {
    return {
      actor: { kind: 'system', part: 'inspector' } as const,
      now: this.#parts.clock(),
      commandId: `${mailId}/${step}`,
      correlationId: mailId,
    }
  }
}

const judgingOf = (
  { accepted, scan }: Mail,
  {
    policy,
    ...rest
  }: { readonly policy: VersionedPolicy<'inspection'> } & Pick<Judging, 'lists' | 'resolverIsTrusted'>,
): Judging => {
  const { attachments, authentication, uriBlockLists } = policy.document
  return {
    ...rest,
    client: accepted.client,
    reversePath: accepted.reversePath,
    hostname: accepted.hostname,
    acceptedAt: accepted.acceptedAt,
    policy: { attachments, authentication, uriBlockLists },
    policyVersion: policy.version,
    scanner: scan.is === 'clean' ? scan.scanner : null,
    unscannable: scan.is === 'scored' ? scan.kinds : [],
    checks: accepted.checks,
  }
}
