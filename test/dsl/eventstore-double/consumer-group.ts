import type { RecordFilter } from './filter.ts'
import { linkTarget } from './messages.ts'
import type { LogRecord, MemoryLog } from './records.ts'

export interface GroupSettings {
  readonly messageTimeoutMs: number
  readonly maxRetryCount: number
  readonly checkpointAfterMs: number
  readonly minCheckpointCount: number
  readonly maxCheckpointCount: number
  readonly maxSubscriberCount: number
  readonly liveBufferSize: number
  readonly readBatchSize: number
  readonly historyBufferSize: number
  readonly resolveLinks: boolean
  readonly extraStatistics: boolean
  readonly strategy: string
}

export interface OutstandingMessage {
  /** What acks name: the link's id when it came from the parked stream. */
  readonly id: string
  readonly record: LogRecord
  readonly link: LogRecord | undefined
  retryCount: number
}

export interface Consumer {
  readonly name: string
  readonly bufferSize: number
  send(message: OutstandingMessage): void
  drop(): void
}

interface Sent {
  readonly message: OutstandingMessage
  readonly consumer: Consumer
  readonly timer: NodeJS.Timeout
}

/** A persistent subscription to `$all` as the server keeps it: at least once, retries before new ones, no order promised. */
export class ConsumerGroup {
  readonly name: string
  readonly filter: RecordFilter | undefined
  settings: GroupSettings
  readonly #log: MemoryLog
  readonly #sent = new Map<string, Sent>()
  readonly consumers: Consumer[] = []
  #retries: OutstandingMessage[] = []
  #next: number
  #turn = 0
  #lastKnown: number | null = null
  #checkpoint: number | null = null
  #checkpointTimer: NodeJS.Timeout | undefined
  #pumping = false

  constructor(log: MemoryLog, name: string, filter: RecordFilter | undefined, settings: GroupSettings, from: number) {
    this.#log = log
    this.name = name
    this.filter = filter
    this.settings = settings
    this.#next = from
    log.onAppend(() => this.pump())
  }

  get parkedStream(): string {
    return `$persistentsubscription-$all::${this.name}-parked`
  }

  get parkedCount(): number {
    return (this.#log.stream(this.parkedStream)?.length ?? 0) - this.#log.firstKept(this.parkedStream)
  }

  get status() {
    return {
      checkpoint: this.#checkpoint,
      lastKnown: this.#lastKnown,
      inFlight: this.#sent.size,
      outstanding: this.#sent.size + this.#retries.length,
      retries: this.#retries.length,
      unread: this.consumers.length === 0 ? 0 : this.#unread(),
    }
  }

  inFlightOf(consumer: Consumer): number {
    let count = 0
    for (const sent of this.#sent.values()) if (sent.consumer === consumer) count++
    return count
  }

  join(consumer: Consumer): void {
    this.consumers.push(consumer)
    this.pump()
  }

  leave(consumer: Consumer): void {
    const at = this.consumers.indexOf(consumer)
    if (at < 0) return
    this.consumers.splice(at, 1)
    for (const sent of this.#sent.values()) if (sent.consumer === consumer) this.#retry(sent, 'client gone')
    this.pump()
  }

  ack(id: string): void {
    this.#take(id)
    this.pump()
  }

  nack(id: string, action: 'park' | 'retry' | 'skip', reason: string): void {
    const sent = this.#sent.get(id)
    if (sent === undefined) return
    if (action === 'retry') this.#retry(sent, reason)
    else {
      this.#take(id)
      if (action === 'park') this.#park(sent.message, reason)
    }
    this.pump()
  }

  /** Reads the parked stream up to `stopAt` (exclusive), hands it out again, and truncates it. */
  replay(stopAt: number | undefined): void {
    const stream = this.#log.stream(this.parkedStream) ?? []
    const end = Math.min(stopAt ?? stream.length, stream.length)
    const from = this.#log.firstKept(this.parkedStream)
    for (const link of stream.slice(from, end)) {
      const record = linkTarget(link, (name) => this.#log.stream(name))
      if (record !== undefined) this.#retries.push({ id: link.id, record, link, retryCount: 0 })
    }
    if (end > from) this.#log.writeSystem(`$$${this.parkedStream}`, '$metadata', { $tb: end })
    this.pump()
  }

  close(): void {
    for (const { timer } of this.#sent.values()) clearTimeout(timer)
    clearTimeout(this.#checkpointTimer)
    for (const consumer of this.consumers.slice()) consumer.drop()
  }

  /** Hands out while a consumer has room. */
  pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    try {
      for (;;) {
        const turn = this.#turn
        const consumer = this.#withRoom()
        const message = consumer && this.#nextMessage()
        if (consumer === undefined || message === undefined) {
          // Nobody's turn is over who got nothing.
          this.#turn = turn
          break
        }
        this.#send(consumer, message)
      }
    } finally {
      this.#pumping = false
    }
  }

  #send(consumer: Consumer, message: OutstandingMessage): void {
    const timer = setTimeout(() => {
      const sent = this.#sent.get(message.id)
      if (sent?.timer !== timer) return
      this.#retry(sent, 'timed out')
      this.pump()
    }, this.settings.messageTimeoutMs)
    timer.unref()
    this.#sent.set(message.id, { message, consumer, timer })
    consumer.send(message)
  }

  #withRoom(): Consumer | undefined {
    for (let tried = 0; tried < this.consumers.length; tried++) {
      const consumer = this.consumers[this.#turn++ % this.consumers.length]
      if (consumer !== undefined && this.inFlightOf(consumer) < consumer.bufferSize) return consumer
      if (this.settings.strategy === 'DispatchToSingle') this.#turn = 0
    }
    return undefined
  }

  #nextMessage(): OutstandingMessage | undefined {
    const retried = this.#retries.shift()
    if (retried !== undefined) return retried
    for (let record = this.#log.records[this.#next]; record !== undefined; record = this.#log.records[this.#next]) {
      this.#next++
      if (this.filter !== undefined && !this.filter.matches(record)) continue
      this.#lastKnown = record.position
      return { id: record.id, record, link: undefined, retryCount: 0 }
    }
    return undefined
  }

  #unread(): number {
    let count = 0
    for (const record of this.#log.records.slice(this.#next))
      if (this.filter === undefined || this.filter.matches(record)) count++
    return count
  }

  #take(id: string): void {
    const sent = this.#sent.get(id)
    if (sent === undefined) return
    clearTimeout(sent.timer)
    this.#sent.delete(id)
    this.#checkpointTimer ??= setTimeout(() => this.#writeCheckpoint(), this.settings.checkpointAfterMs).unref()
  }

  #retry(sent: Sent, reason: string): void {
    this.#take(sent.message.id)
    const { message } = sent
    if (message.retryCount >= this.settings.maxRetryCount) this.#park(message, `${reason}; retried too often`)
    else this.#retries.push({ ...message, retryCount: message.retryCount + 1 })
  }

  #park({ record }: OutstandingMessage, reason: string): void {
    this.#log.writeSystem(this.parkedStream, '$>', `${record.revision}@${record.stream}`, {
      added: new Date().toISOString(),
      reason,
      subscriptionEventNumber: record.revision,
    })
  }

  /** What lies before everything outstanding. */
  #writeCheckpoint(): void {
    this.#checkpointTimer = undefined
    const open = [...[...this.#sent.values()].map(({ message }) => message), ...this.#retries].filter(
      ({ link }) => link === undefined,
    )
    let index = this.#next - 1
    for (const { record } of open) index = Math.min(index, record.index - 1)
    const position = this.#log.records[index]?.position
    if (position === undefined || (this.#checkpoint !== null && position <= this.#checkpoint)) return
    this.#checkpoint = position
    this.#log.writeSystem(`$persistentsubscription-$all::${this.name}-checkpoint`, '$SubscriptionCheckpoint', {
      position: `C:${position}/P:${position}`,
    })
  }
}
