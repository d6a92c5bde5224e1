import { isDeepStrictEqual } from 'node:util'
import type { EventCodec } from '../codec.ts'
import type { EventFilter, GroupDelivery, GroupOptions, GroupSubscription, RecordedEvent } from '../port.ts'
import type { Connection } from './connection.ts'
import { GroupConsumer } from '../group-consumer.ts'
import { isMissing, isPassing, unavailable } from './failure.ts'
import type { CompiledFilter } from './filter.ts'
import { compile } from './filter.ts'
import type { Handed, NackAction } from './group-line.ts'
import { GroupLine } from './group-line.ts'
import { nameOnServer } from './group-names.ts'
import type { GroupDefaults, GroupLimits } from './group-settings.ts'
import { ensureGroup } from './group-settings.ts'
import { recordedEvent } from './messages.ts'
import type { Owed } from './owed.ts'
import { OwedEvents } from './owed.ts'
import { parkingReason } from './parked.ts'

/** Answers that are remembered, for the server that didn't get them before the connection ended. */
const REMEMBERED = 1_024

type Answer = 'ack' | 'park' | 'retry' | 'skip'

/**
 * This process's share of a group: one connection brings deliveries for all consumers in it. Time-outs, retries and parking are counted here, by the
 * port's words; the server's own limits stand behind, for a process that hangs. What a consumer works on isn't given to another one of
 * this process when a new connection brings it again, and an answer the old connection may have lost is given again.
 */
export class Group {
  readonly name: string
  readonly serverName: string
  readonly #filter: EventFilter
  readonly #compiled: CompiledFilter
  readonly #connection: Connection
  readonly #codec: EventCodec
  readonly #defaults: GroupDefaults
  readonly #settle: (group: Group) => Promise<void>
  readonly #owed = new OwedEvents()
  readonly #consumers = new Set<GroupConsumer>()
  /** Those that wait for a delivery, longest first. */
  #hungry: GroupConsumer[] = []
  #limits: GroupLimits = { concurrency: 32, maxRetries: 10, timeoutMs: 60_000 }
  #line: GroupLine | undefined
  #lines = 0
  #running: Promise<void> | undefined
  #failure: Error | undefined
  #stop = new AbortController()
  readonly #answers = new Map<string, { readonly answer: Answer; readonly reason: string; readonly line: GroupLine }>()
  /** Parked from here and perhaps not yet listed by the server. */
  readonly parking = new Set<string>()
  /** Answers were sent that the server may not have taken yet. */
  unsettled = false

  constructor(
    name: string,
    filter: EventFilter,
    connection: Connection,
    codec: EventCodec,
    defaults: GroupDefaults,
    settle: (group: Group) => Promise<void>,
  ) {
    this.name = name
    this.serverName = nameOnServer(name, filter)
    this.#filter = filter
    this.#compiled = compile(filter)
    this.#connection = connection
    this.#codec = codec
    this.#defaults = defaults
    this.#settle = settle
  }

  /** With consumers now. */
  get out(): number {
    return this.#owed.out
  }

  /** All that was brought and is not answered. */
  get held(): number {
    return this.#owed.size
  }

  /** The name under which the server lists this process's connection. */
  get lineName(): string | undefined {
    return this.#line?.name
  }

  async join(filter: EventFilter, options: GroupOptions): Promise<GroupSubscription> {
    if (!isDeepStrictEqual(filter, this.#filter))
      throw new TypeError(`group ${this.name}: its consumers must ask for the same events`)
    const before = this.#limits
    this.#limits = {
      concurrency: options.concurrency ?? before.concurrency,
      maxRetries: options.maxRetries ?? before.maxRetries,
      timeoutMs: options.timeoutMs ?? before.timeoutMs,
    }
    await ensureGroup(this.#connection, this.name, filter, this.#limits, this.#defaults)
    const consumer = new GroupConsumer({
      hunger: (hungry) => {
        if (this.#failure !== undefined) hungry.fail(this.#failure)
        else this.#hungry.push(hungry)
        this.#feed()
      },
      leave: (leaving) => this.#leave(leaving),
    })
    this.#consumers.add(consumer)
    if (this.#line !== undefined && before.concurrency !== this.#limits.concurrency) this.#line.close()
    this.#start()
    return consumer
  }

  /** Ends its consumers; what they haven't answered goes back to the server with the connection. */
  async close(): Promise<void> {
    for (const consumer of this.#consumers) await consumer.close()
    await this.#end()
  }

  #start(): void {
    if (this.#running !== undefined) return
    const stop = new AbortController()
    this.#failure = undefined
    this.#stop = stop
    this.#running = this.#run(stop.signal)
  }

  async #end(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    this.#stop.abort()
    this.#line?.close()
    await running
    for (const owed of this.#owed.all()) this.#owed.remove(owed)
  }

  async #run(stop: AbortSignal): Promise<void> {
    for (let failures = 0; !stop.aborted; failures++) {
      try {
        const name = `${this.#connection.name}/${this.name}/${++this.#lines}`
        const line = await GroupLine.open(this.#connection, this.serverName, name, this.#limits.concurrency)
        if (stop.aborted) {
          line.close()
          return
        }
        this.#line = line
        for await (const handed of line.handed()) {
          failures = 0
          this.#receive(handed, line)
        }
      } catch (error) {
        if (stop.aborted) return
        if (!(await this.#canGoOn(error))) return
      } finally {
        this.#lineEnded()
      }
      if (!stop.aborted) await this.#connection.pause(failures)
    }
  }

  /** A line that was closed here, or passes; a group that an operator deleted is made anew. Otherwise its consumers are told. */
  async #canGoOn(error: unknown): Promise<boolean> {
    if (this.#connection.closed.aborted) return false
    try {
      if (isMissing(error)) await ensureGroup(this.#connection, this.name, this.#filter, this.#limits, this.#defaults)
      else if (!isPassing(error)) throw error
      return true
    } catch (cause) {
      if (isPassing(cause)) return true
      this.#running = undefined
      this.#failure = unavailable(cause, `group ${this.name}`)
      for (const consumer of this.#hungry.splice(0)) consumer.fail(this.#failure)
      return false
    }
  }

  /** The server hands out again what the line brought: only what consumers work on is kept, to know it when it comes. */
  #lineEnded(): void {
    this.#line?.close()
    this.#line = undefined
    for (const owed of this.#owed.all()) if (owed.place === 'ready') this.#owed.remove(owed)
  }

  #receive({ record, messageId, replayed, retryCount }: Handed, line: GroupLine): void {
    const event = recordedEvent(record, this.#codec)
    if (!this.#compiled.matches(event.stream, event.type)) {
      line.ack(messageId)
      return
    }
    const known = this.#owed.get(event.id)
    if (known !== undefined) {
      // Brought a second time under another id (parked before): one answer does for both.
      if (known.line === line && known.messageId !== messageId) line.ack(known.messageId)
      known.line = line
      known.messageId = messageId
      return
    }
    const before = this.#answers.get(event.id)
    if (before !== undefined && before.line !== line && !replayed && before.answer !== 'retry') {
      this.#tell(line, messageId, before.answer, before.reason, event)
      return
    }
    if (retryCount > this.#limits.maxRetries) {
      const reason = parkingReason(`handed out ${retryCount} times without an answer`, retryCount)
      this.#tell(line, messageId, 'park', reason, event)
      return
    }
    const place = 'ready'
    const ticket = { attempt: 0, holder: undefined, timer: undefined }
    this.#owed.add({ event, line, messageId, replayed, retryCount, place, ...ticket })
    this.#feed()
  }

  /** Hands out as long as there is something, someone who wants it, and room. */
  #feed(): void {
    while (this.#hungry.length > 0 && this.#owed.out < this.#limits.concurrency) {
      const [consumer] = this.#hungry
      const owed = consumer && this.#owed.take(consumer)
      if (consumer === undefined || owed === undefined) return
      this.#hungry.shift()
      this.#expire(owed)
      consumer.give(this.#delivery(owed))
    }
  }

  #expire(owed: Owed): void {
    const { attempt } = owed
    const { timeoutMs } = this.#limits
    owed.timer = setTimeout(() => this.#retry(owed, attempt, `no answer within ${timeoutMs} ms`), timeoutMs)
    owed.timer.unref()
  }

  #delivery(owed: Owed): GroupDelivery {
    const { attempt } = owed
    return {
      event: owed.event,
      retryCount: owed.retryCount,
      ack: () => this.#answer(owed, attempt, 'ack', ''),
      skip: () => this.#answer(owed, attempt, 'skip', 'skipped'),
      park: (reason) => this.#answer(owed, attempt, 'park', parkingReason(reason, owed.retryCount)),
      retry: (reason) => this.#retry(owed, attempt, reason),
    }
  }

  #retry(owed: Owed, attempt: number, reason: string): void {
    if (owed.retryCount < this.#limits.maxRetries) this.#answer(owed, attempt, 'retry', reason)
    else this.#answer(owed, attempt, 'park', parkingReason(reason, owed.retryCount))
  }

  #answer(owed: Owed, attempt: number, answer: Answer, reason: string): void {
    if (owed.place !== 'out' || owed.attempt !== attempt || this.#owed.get(owed.event.id) !== owed) return
    this.#owed.remove(owed)
    this.#tell(owed.line, owed.messageId, answer, reason, owed.event)
    this.#feed()
  }

  #tell(line: GroupLine, messageId: string, answer: Answer, reason: string, event: RecordedEvent): void {
    this.unsettled = true
    this.#answers.delete(event.id)
    this.#answers.set(event.id, { answer, reason, line })
    if (this.#answers.size > REMEMBERED) {
      const [oldest] = this.#answers.keys()
      if (oldest !== undefined) this.#answers.delete(oldest)
    }
    if (answer === 'ack') line.ack(messageId)
    else line.nack(messageId, answer satisfies NackAction, reason)
    if (answer === 'park') this.parking.add(event.id)
  }

  /** With the last consumer the connection is given up: nobody wants what it brings. Its answers are taken first. */
  async #leave(leaving: GroupConsumer): Promise<void> {
    this.#consumers.delete(leaving)
    this.#hungry = this.#hungry.filter((consumer) => consumer !== leaving)
    for (const owed of this.#owed.all()) {
      if (owed.holder !== leaving) continue
      owed.retryCount++
      this.#owed.putBack(owed)
    }
    this.#feed()
    if (this.#consumers.size > 0) return
    await this.#settle(this)
    if (this.#consumers.size === 0) await this.#end()
  }
}
