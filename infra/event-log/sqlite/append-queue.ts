import { checkAppend, MAX_APPEND_BYTES } from '../append-rules.ts'
import type { EventCodec } from '../codec.ts'
import type { Appended, ExpectedRevision, NewEvent } from '../port.ts'
import { AppendTooLarge, categoryOf, LogUnavailable, WrongRevision } from '../port.ts'
import type { Heads } from './heads.ts'
import { writeMetadata } from './metadata.ts'
import { toPosition } from './position.ts'
import type { Outcomes } from './outcomes.ts'
import { MAX_UNANSWERED } from './outcomes.ts'
import type { Field } from './protocol.ts'
import { FIELDS_PER_EVENT } from './protocol.ts'
import type { WriterLink } from './writer-link.ts'

/** Appends that are sent without waiting for the end of the turn, so that the writer begins while more are prepared. */
const CHUNK = 32

interface Pending {
  readonly stream: string
  readonly expected: ExpectedRevision
  readonly events: readonly NewEvent[]
  readonly resolve: (outcome: Appended) => void
  readonly reject: (reason: Error) => void
}

/** Collects what is appended in one turn of the event loop into one message; the writer collects messages into one commit. */
export class AppendQueue {
  readonly #link: WriterLink
  readonly #codec: EventCodec
  readonly #heads: Heads
  readonly #committed: () => void
  #fields: Field[] = []
  #pending: Pending[] = []
  #waiting = 0
  #scheduled = false
  /** The writer was told that more follows in this turn. */
  #promised = false

  /** `committed` is called after each commit, before its appends resolve. */
  constructor(link: WriterLink, codec: EventCodec, heads: Heads, committed: () => void) {
    this.#link = link
    this.#codec = codec
    this.#heads = heads
    this.#committed = committed
  }

  append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<Appended> {
    checkAppend(stream, expected, events)
    if (this.#waiting >= MAX_UNANSWERED) {
      throw new LogUnavailable(
        'other',
        `${this.#waiting} appends wait for the disk already: it is too slow for what comes in`,
      )
    }
    const before = this.#fields.length
    try {
      this.#fields.push(stream, expected, events.length)
      this.#encode(stream, events)
    } catch (error) {
      this.#fields.length = before
      throw error
    }
    this.#waiting++
    return new Promise((resolve, reject) => {
      this.#pending.push({ stream, expected, events, resolve, reject })
      this.#schedule()
      if (this.#pending.length >= CHUNK) this.#send(true)
    })
  }

  #encode(stream: string, events: readonly NewEvent[]): void {
    const first = this.#fields.length
    let length = 0
    for (const event of events) {
      const { version, data } = this.#codec.encode(stream, event)
      const metadata = writeMetadata(event.metadata)
      this.#fields.push(event.type, version, event.metadata.occurredAt, event.id, metadata, data)
      length += data.length + metadata.length
    }
    // A character is at most three bytes of UTF-8: most appends need no count.
    if (length * 3 <= MAX_APPEND_BYTES) return
    const bytes = storedBytes(this.#fields, first)
    if (bytes > MAX_APPEND_BYTES) throw new AppendTooLarge(stream, bytes, MAX_APPEND_BYTES)
  }

  /** After the turn's promises: writers that were answered together append again together. */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.flush()
    })
  }

  /** Sends what was collected. Answers come in the order of sending. */
  flush(): void {
    if (this.#pending.length > 0) this.#send(false)
    else if (this.#promised) this.#promise(false)
  }

  #send(more: boolean): void {
    const pending = this.#pending
    const fields = this.#fields
    this.#pending = []
    this.#fields = []
    // Given before the message, for the writer may be at it at once; taken back after what was promised.
    if (more && !this.#promised) this.#promise(true)
    this.#link.append(fields, pending.length, {
      committed: (outcomes, slot) => this.#settle(pending, outcomes, slot),
      failed: (reason) => this.#fail(pending, reason),
    })
    if (!more && this.#promised) this.#promise(false)
  }

  #promise(more: boolean): void {
    this.#promised = more
    this.#link.promise(more)
  }

  #fail(pending: readonly Pending[], reason: LogUnavailable): void {
    this.#waiting -= pending.length
    for (const { reject } of pending) reject(reason)
  }

  /** Plain loops: this is the busiest code of the log. */
  #settle(pending: readonly Pending[], outcomes: Outcomes, first: number): void {
    this.#waiting -= pending.length
    let slot = first
    for (const { stream, events } of pending) {
      const last = outcomes.position(slot++)
      if (Number.isNaN(last)) continue
      const category = categoryOf(stream)
      let position = last - events.length
      for (const { type } of events) this.#heads.advance(category, type, ++position)
    }
    this.#committed()
    slot = first
    for (const { stream, expected, resolve, reject } of pending) {
      const position = outcomes.position(slot)
      const revision = outcomes.revision(slot++)
      if (!Number.isNaN(position)) resolve({ revision, position: toPosition(position) })
      else reject(new WrongRevision(stream, expected, Number.isNaN(revision) ? null : revision))
    }
  }
}

const storedBytes = (fields: readonly Field[], first: number): number => {
  let bytes = 0
  for (let at = first; at < fields.length; at += FIELDS_PER_EVENT) {
    bytes += Buffer.byteLength(String(fields[at + 4])) + Buffer.byteLength(String(fields[at + 5]))
  }
  return bytes
}
