import { isDeepStrictEqual } from 'node:util'
import type { Instant } from '#domain/kernel/instant'
import type { EventFilter, GroupDelivery, GroupOptions, GroupSubscription } from '../port.ts'
import { fromPosition } from './position.ts'
import type { Owed } from './group-owed.ts'
import { OwedEvents } from './group-owed.ts'
import { GroupConsumer } from '../group-consumer.ts'
import type { GroupSource } from './group-source.ts'
import type { GroupChange, ParkedRow } from './protocol.ts'

/** Milliseconds that answers may wait to be written: a crash hands them out again. */
const WRITE_DELAY = 500
/** Answers that are written at once. */
const WRITE_AFTER = 512
/** Before the nth retry: a short breath, doubled each time. Real waiting is a due time in an event. */
const RETRY_DELAY = 20
const MAX_RETRY_DELAY = 2_000
/** Events read ahead of the consumers. */
const READ_AHEAD = 64

/**
 * One group of competing consumers. What it owes is in memory while it runs; how far it has read and what it owes beyond is written
 * lazily, both in one row, so that after a crash a little is handed out again and nothing is left out.
 */
export class Group {
  readonly name: string
  readonly #filter: EventFilter
  readonly #source: GroupSource
  readonly #now: () => Instant
  readonly #owed = new OwedEvents()
  readonly #consumers = new Set<GroupConsumer>()
  /** Those that wait for a delivery, longest first. */
  #hungry: GroupConsumer[] = []
  #concurrency = 32
  #maxRetries = 10
  #timeoutMs = 60_000
  #cursor = 0
  #replayFrom: number | undefined = 0
  #parked: ParkedRow[] = []
  #unparked: number[] = []
  #answered = 0
  #written = ''
  #writeTimer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #idle = new AbortController()
  #reading = false

  constructor(name: string, filter: EventFilter, source: GroupSource, now: () => Instant) {
    this.name = name
    this.#filter = filter
    this.#source = source
    this.#now = now
    const stored = source.load(name)
    this.#cursor = stored.cursor
    for (const { event, retryCount } of stored.owed)
      this.#owed.add(event, fromPosition(event.position), retryCount, false)
  }

  join(filter: EventFilter, options: GroupOptions): GroupSubscription {
    if (!isDeepStrictEqual(filter, this.#filter))
      throw new TypeError(`group ${this.name}: its consumers must ask for the same events`)
    this.#concurrency = options.concurrency ?? this.#concurrency
    this.#maxRetries = options.maxRetries ?? this.#maxRetries
    this.#timeoutMs = options.timeoutMs ?? this.#timeoutMs
    const consumer = new GroupConsumer({
      hunger: (hungry) => {
        this.#hungry.push(hungry)
        this.#feed()
      },
      leave: (leaving) => this.#leave(leaving),
    })
    if (this.#consumers.size === 0) this.#idle = new AbortController()
    this.#consumers.add(consumer)
    return consumer
  }

  /** Everything up to here is answered; 0: nothing. */
  get checkpoint(): number {
    for (const owed of this.#owed.all()) if (!owed.replayed) return owed.row - 1
    return this.#cursor
  }

  get inFlight(): number {
    let count = 0
    for (const { place } of this.#owed.all()) if (place !== 'ready') count++
    return count
  }

  /** Parked ones were put back: look for them. */
  replay(): void {
    this.#replayFrom = 0
    this.#feed()
  }

  /** Writes what was answered; resolves when it is durable. */
  flush(): Promise<void> {
    clearTimeout(this.#writeTimer)
    this.#writeTimer = undefined
    const written = this.#writing.then(() => this.#write())
    this.#writing = written.catch(() => this.#writeLater())
    return written
  }

  async close(): Promise<void> {
    for (const consumer of this.#consumers) await consumer.close()
    for (const owed of this.#owed.all()) clearTimeout(owed.timer)
    await this.flush()
    clearTimeout(this.#writeTimer)
  }

  /** Hands out as long as there is something, someone who wants it, and room. */
  #feed(): void {
    while (this.#hungry.length > 0 && this.#owed.out < this.#concurrency) {
      if (!this.#owed.hasReady) {
        void this.#read()
        return
      }
      const consumer = this.#hungry.shift()
      const owed = consumer && this.#owed.take(consumer)
      if (owed === undefined) return
      this.#expire(owed)
      consumer?.give(this.#delivery(owed))
    }
  }

  /** Reads on until there is something to hand out; waits for commits when there is nothing. */
  async #read(): Promise<void> {
    if (this.#reading) return
    this.#reading = true
    try {
      while (!this.#owed.hasReady && this.#hungry.length > 0 && this.#owed.size < this.#concurrency * 4 + READ_AHEAD) {
        const turn = this.#source.turn
        this.#readReplayed()
        if (this.#owed.hasReady) break
        const found = await this.#source.after(this.#cursor, this.#filter, READ_AHEAD)
        for (const event of found.events) this.#owed.add(event, fromPosition(event.position), 0, false)
        this.#cursor = Math.max(this.#cursor, fromPosition(found.position))
        if (found.events.length === 0 && found.caughtUp) await this.#source.waitAfter(turn, this.#idle.signal)
      }
    } catch (error) {
      for (const consumer of this.#hungry.splice(0)) consumer.fail(error)
    } finally {
      this.#reading = false
    }
    if (this.#owed.hasReady) this.#feed()
  }

  #readReplayed(): void {
    while (this.#replayFrom !== undefined && !this.#owed.hasReady) {
      const found = this.#source.replayed(this.name, this.#replayFrom, READ_AHEAD)
      for (const event of found) {
        const row = fromPosition(event.position)
        this.#replayFrom = row
        if (!this.#owed.has(row) && !this.#unparked.includes(row)) this.#owed.add(event, row, 0, true)
      }
      if (found.length === 0) this.#replayFrom = undefined
    }
  }

  #delivery(owed: Owed): GroupDelivery {
    const { attempt } = owed
    let answered = false
    const answer = (act: () => void) => () => {
      if (answered) return
      answered = true
      if (this.#owed.owes(owed)) act()
      this.#feed()
    }
    return {
      event: owed.event,
      retryCount: owed.retryCount,
      ack: answer(() => this.#done(owed)),
      skip: answer(() => this.#done(owed)),
      park: (reason) => answer(() => this.#park(owed, reason))(),
      retry: (reason) =>
        answer(() => {
          if (owed.attempt === attempt && owed.place === 'out') this.#again(owed, reason)
        })(),
    }
  }

  #expire(owed: Owed): void {
    owed.timer = setTimeout(() => {
      this.#again(owed, `no answer within ${this.#timeoutMs} ms`)
      this.#feed()
    }, this.#timeoutMs)
    owed.timer.unref()
  }

  #again(owed: Owed, reason: string): void {
    this.#owed.recall(owed)
    if (owed.retryCount >= this.#maxRetries) {
      this.#park(owed, reason)
      return
    }
    owed.retryCount++
    owed.timer = setTimeout(
      () => {
        this.#owed.makeReady(owed)
        this.#feed()
      },
      Math.min(RETRY_DELAY * 2 ** (owed.retryCount - 1), MAX_RETRY_DELAY),
    )
    owed.timer.unref()
  }

  #park(owed: Owed, reason: string): void {
    this.#parked.push({ position: owed.row, reason, parkedAt: this.#now(), retryCount: owed.retryCount })
    this.#owed.remove(owed)
    this.#changed()
  }

  #done(owed: Owed): void {
    if (owed.replayed) this.#unparked.push(owed.row)
    this.#owed.remove(owed)
    this.#changed()
  }

  #leave(leaving: GroupConsumer): void {
    this.#consumers.delete(leaving)
    this.#hungry = this.#hungry.filter((hungry) => hungry !== leaving)
    for (const owed of this.#owed.all()) {
      if (owed.holder !== leaving) continue
      owed.retryCount++
      this.#owed.recall(owed)
      this.#owed.makeReady(owed)
    }
    if (this.#consumers.size === 0) this.#idle.abort()
    this.#feed()
  }

  #changed(): void {
    this.#answered++
    if (this.#answered >= WRITE_AFTER) void this.flush().catch(() => this.#writeLater())
    else this.#writeLater()
  }

  /** A write that failed (disk full) is tried again: until then nothing is lost but the knowledge that it was answered. */
  #writeLater(): void {
    if (this.#writeTimer !== undefined) return
    this.#writeTimer = setTimeout(() => void this.flush().catch(() => this.#writeLater()), WRITE_DELAY)
    this.#writeTimer.unref()
  }

  async #write(): Promise<void> {
    const parked = this.#parked
    const unparked = this.#unparked
    const owed = [...this.#owed.all()].filter(({ replayed }) => !replayed)
    const change: GroupChange = {
      name: this.name,
      cursor: this.#cursor,
      owed: owed.map(({ row, retryCount, place }) => [row, place === 'out' ? retryCount + 1 : retryCount]),
      parked: [...parked],
      unparked: [...unparked],
    }
    const written = JSON.stringify([change.cursor, change.owed])
    this.#answered = 0
    if (written === this.#written && change.parked.length + change.unparked.length === 0) return
    await this.#source.write(change)
    this.#written = written
    parked.splice(0, change.parked.length)
    unparked.splice(0, change.unparked.length)
  }
}
