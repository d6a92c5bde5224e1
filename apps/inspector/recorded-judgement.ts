import { fold } from '#domain/kernel/decider'
import { mailDecider } from '#domain/mail/decider'
import { mailStream, type MailEvent } from '#domain/mail/events'
import type { Mail } from '#domain/mail/state'
import { parseEvidence, type AnyEvidence } from '#domain/scoring/evidence'
import { ContentMissing, type ContentReader } from '#infra/content-store/port'
import type { EventLog, Position, RecordedEvent } from '#infra/event-log/port'
import { asDomainEvent } from '#infra/commands/stream-states'

/** How a mail was judged, from the log and the content store alone. */
export interface RecordedJudgement {
  /** As it was before. */
  readonly mail: Mail
  /** Of its `Accepted`: lists and policies count as of then. */
  readonly position: Position
  /** What the verdict added: `Authenticated` and what followed in the same append. */
  readonly events: readonly MailEvent[]
  /** What has happened since. */
  readonly after: readonly MailEvent[]
  readonly judgedAt: number
  readonly evidence: AnyEvidence
}

/** Why a mail's verdict can't be looked at again: a sentence. */
export class NoJudgement extends Error {
  /** What happened to it instead; empty: there is no such mail. */
  readonly events: readonly MailEvent[]
  /** Of its `Accepted`. */
  readonly position: Position | null

  constructor(message: string, events: readonly MailEvent[] = [], position: Position | null = null) {
    super(message)
    this.name = 'NoJudgement'
    this.events = events
    this.position = position
  }
}

const PAGE = 1_000
const MAX_EVENTS = 50_000
const MAX_EVIDENCE = 4 * 1024 * 1024

interface Sources {
  readonly log: Pick<EventLog, 'readStream'>
  readonly content: Pick<ContentReader, 'read'>
}

/** @throws NoJudgement when there is none, or its evidence is gone */
export const recordedJudgement = async ({ log, content }: Sources, mailId: string): Promise<RecordedJudgement> => {
  const recorded = await eventsOf(log, mailId)
  const [accepted] = recorded
  if (accepted === undefined) throw new NoJudgement(`There is no mail ${mailId}.`)
  const at = recorded.findIndex(({ type }) => type === 'Authenticated')
  const authenticated = recorded[at]
  const events = recorded.map(asDomainEvent<MailEvent>)
  if (authenticated === undefined) throw new NoJudgement(whyNot(recorded), events, accepted.position)
  const { causationId, occurredAt } = authenticated.metadata
  const end = recorded.findIndex(({ metadata }, place) => place > at && metadata.causationId !== causationId)
  const { evidence } = (authenticated as unknown as Extract<MailEvent, { type: 'Authenticated' }>).data
  return {
    mail: fold(mailDecider, events.slice(0, at)) as Mail,
    position: accepted.position,
    events: events.slice(at, end === -1 ? undefined : end),
    after: end === -1 ? [] : events.slice(end),
    judgedAt: occurredAt,
    evidence: parseEvidence(await textOf(content, evidence, events, accepted.position)),
  }
}

const textOf = async (
  content: Sources['content'],
  hash: string,
  events: readonly MailEvent[],
  position: Position,
): Promise<string> => {
  try {
    return (await content.read(hash, MAX_EVIDENCE)).toString('utf8')
  } catch (error) {
    if (error instanceof ContentMissing)
      throw new NoJudgement('Its evidence is not in the content store any more.', events, position)
    throw error
  }
}

const eventsOf = async (log: Sources['log'], mailId: string): Promise<RecordedEvent[]> => {
  const events: RecordedEvent[] = []
  while (events.length < MAX_EVENTS) {
    const page = await log.readStream(mailStream(mailId), { from: events.length, limit: PAGE })
    events.push(...page)
    if (page.length < PAGE) break
  }
  return events
}

const whyNot = (recorded: readonly RecordedEvent[]): string => {
  const has = (type: MailEvent['type']) => recorded.some((event) => event.type === type)
  if (has('VirusDetected')) return 'It was never judged: a virus was found in it before.'
  if (has('FoundUnscannable')) return 'It was never judged: it could not be scanned.'
  const { flow } = (recorded[0] as unknown as Extract<MailEvent, { type: 'Accepted' }>).data
  return flow === 'inbound'
    ? 'It has not been judged yet.'
    : `It was never judged: that is for mail from outside, this one is ${flow}.`
}
