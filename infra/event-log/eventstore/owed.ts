import type { RecordedEvent } from '../port.ts'
import type { GroupLine } from './group-line.ts'

/** One event the server handed to this process, which it owes an answer. */
export interface Owed {
  readonly event: RecordedEvent
  /** Where the answer goes: the connection that brought it last. */
  line: GroupLine
  messageId: string
  readonly replayed: boolean
  retryCount: number
  place: 'ready' | 'out'
  /** Counts hand-outs, so that a late answer to an earlier one is known as such. */
  attempt: number
  holder: object | undefined
  timer: NodeJS.Timeout | undefined
}

/** What this process has of a group, in the order the server gave it. */
export class OwedEvents {
  readonly #owed = new Map<string, Owed>()
  #ready: Owed[] = []

  get size(): number {
    return this.#owed.size
  }

  /** With consumers now. */
  get out(): number {
    return this.#owed.size - this.#ready.length
  }

  get(eventId: string): Owed | undefined {
    return this.#owed.get(eventId)
  }

  all(): Owed[] {
    return [...this.#owed.values()]
  }

  add(owed: Owed): void {
    this.#owed.set(owed.event.id, owed)
    if (owed.place === 'ready') this.#ready.push(owed)
  }

  take(holder: object): Owed | undefined {
    const owed = this.#ready.shift()
    if (owed === undefined) return undefined
    owed.place = 'out'
    owed.attempt++
    owed.holder = holder
    return owed
  }

  /** Takes it from its consumer, to be handed out again. */
  putBack(owed: Owed): void {
    clearTimeout(owed.timer)
    owed.holder = undefined
    if (owed.place === 'ready') return
    owed.place = 'ready'
    this.#ready.push(owed)
  }

  remove(owed: Owed): void {
    clearTimeout(owed.timer)
    if (owed.place === 'ready') this.#ready = this.#ready.filter((other) => other !== owed)
    if (this.#owed.get(owed.event.id) === owed) this.#owed.delete(owed.event.id)
  }
}
