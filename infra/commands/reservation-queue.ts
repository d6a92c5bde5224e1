import { setTimeout as sleep } from 'node:timers/promises'
import type { Actor } from '#domain/kernel/actor'
import { isDeclined } from '#domain/kernel/decider'
import type { SendingCommand } from '#domain/sending/commands'
import { overLimit, sendingDecider, type OverLimit } from '#domain/sending/decider'
import { sendingStream, type SendingEvent } from '#domain/sending/events'
import { RECENT, type SendingState } from '#domain/sending/state'
import { LogUnavailable, WrongRevision, type EventLog, type NewEvent, type StreamName } from '#infra/event-log/port'
import { aggregates } from './aggregates.ts'
import { Contended, eventId } from './execute.ts'
import type { StreamState, StreamStates } from './stream-states.ts'

type Reserving = Extract<SendingCommand, { kind: 'reserve' | 'give-back' }>
/** `taken`: it is in the stream. */
type Answer = 'taken' | OverLimit | Error

interface Waiting {
  readonly command: Reserving
  readonly actor: Actor
  readonly tell: (answer: Answer) => void
}

/** Of one append: all of them are recognised when its answer was lost and they are asked for again. */
const MAX_BATCH = RECENT
/** Sessions of an account are limited long before. */
const MAX_WAITING = 10_000
const ATTEMPTS = 60
/** From then on other nodes are let go first now and then. */
const PATIENT_FROM = 4
const PAUSE_MS = 20

/**
 * Reservations of one day of one account are decided one after the other, and written together: what comes while an append is on its way
 * to the disk goes into the next one. Between nodes the exact revision decides, and who loses decides afresh.
 */
export class ReservationQueue {
  readonly #log: Pick<EventLog, 'append'>
  readonly #states: StreamStates
  readonly #waiting = new Map<string, Waiting[]>()

  constructor(log: Pick<EventLog, 'append'>, states: StreamStates) {
    this.#log = log
    this.#states = states
  }

  /** `id`: account and day, as `sendingId` makes it. Durable when it answers. */
  ask(id: string, command: Reserving, actor: Actor): Promise<'taken' | OverLimit> {
    return new Promise((resolve, reject) => {
      const tell = (answer: Answer) => (answer instanceof Error ? reject(answer) : resolve(answer))
      const queue = this.#waiting.get(id)
      if (queue === undefined) {
        const mine = [{ command, actor, tell }]
        this.#waiting.set(id, mine)
        void this.#work(id, mine)
      } else if (queue.length >= MAX_WAITING) {
        tell(new LogUnavailable('other', `${queue.length} reservations of ${id} wait already`))
      } else queue.push({ command, actor, tell })
    })
  }

  async #work(id: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.splice(0, MAX_BATCH)
      try {
        const answers = await this.#write(sendingStream(id), batch)
        for (const [index, { tell }] of batch.entries()) tell(answers[index] ?? 'taken')
      } catch (error) {
        const reason = error instanceof Error ? error : new Error(String(error))
        for (const { tell } of batch) tell(reason)
      }
    }
    this.#waiting.delete(id)
  }

  async #write(stream: StreamName, batch: readonly Waiting[]): Promise<readonly Answer[]> {
    const { sending } = aggregates
    const loaded = await this.#states.load(sending, stream)
    let from: StreamState<SendingState> = loaded
    let decided = decideAll(from.state, stream, batch)
    // What is kept here may be behind another node, which raised the quota or gave back.
    if (loaded.kept && decided.declined) {
      from = await this.#states.refresh(sending, stream, from)
      decided = decideAll(from.state, stream, batch)
    }
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      if (decided.events.length === 0) return decided.answers
      try {
        const { revision, position } = await this.#log.append(stream, from.revision ?? 'noStream', decided.events)
        this.#states.remember(stream, { state: decided.state, revision, position })
        return decided.answers
      } catch (error) {
        if (!(error instanceof WrongRevision)) throw error
      }
      if (attempt >= PATIENT_FROM) await sleep(Math.random() * PAUSE_MS)
      from = await this.#states.refresh(sending, stream, from)
      decided = decideAll(from.state, stream, batch)
    }
    throw new Contended(stream)
  }
}

interface Decided {
  readonly state: SendingState
  readonly events: readonly NewEvent[]
  readonly answers: readonly Answer[]
  /** Something was refused that only another state could allow. */
  readonly declined: boolean
}

/** One after the other, each on the state that those before it leave. */
const decideAll = (before: SendingState, stream: StreamName, batch: readonly Waiting[]): Decided => {
  const events: NewEvent[] = []
  const answers: Answer[] = []
  let state = before
  let declined = false
  for (const { command, actor } of batch) {
    const over = command.kind === 'reserve' ? overLimit(state, command) : null
    const answer = sendingDecider.decide(command, state)
    if (isDeclined(answer)) {
      declined = true
      answers.push(over ?? new TypeError(`${stream}, mail ${command.mail}: ${answer.reason}`))
      continue
    }
    for (const event of answer) {
      state = sendingDecider.evolve(state, event)
      events.push(toAppend(stream, event, command, actor))
    }
    const exceeded = answer.some(({ type }) => type === 'QuotaExceeded')
    declined ||= exceeded
    answers.push(exceeded && over !== null ? over : 'taken')
  }
  return { state, events, answers, declined }
}

const toAppend = (stream: StreamName, event: SendingEvent, { mail, now }: Reserving, actor: Actor): NewEvent => {
  // Told once per day: whichever mail it was, it is the same event.
  const commandId = event.type === 'QuotaExceeded' ? event.type : `${event.type}/${mail}`
  return {
    id: eventId(stream, commandId, 0),
    type: event.type,
    data: event.data,
    metadata: { occurredAt: now, actor, correlationId: mail, causationId: `sending/${mail}` },
  }
}
