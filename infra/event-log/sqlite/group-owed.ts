import type { RecordedEvent } from '../port.ts'

/** One event a group still owes an answer. */
export interface Owed {
  readonly event: RecordedEvent
  readonly row: number
  /** From the log in its turn, or a parked one put back. */
  readonly replayed: boolean
  retryCount: number
  /** `ready` to be handed out, `out` with a consumer, `waiting` a moment before its next try. */
  place: 'ready' | 'out' | 'waiting'
  /** Counts hand-outs, so that a late answer to an earlier one is known as such. */
  attempt: number
  holder: object | undefined
  timer: NodeJS.Timeout | undefined
}

/** What a group owes, in the order of the log, and which of it can be handed out next. */
export class OwedEvents {
  readonly #owed = new Map<number, Owed>()
  #ready: Owed[] = []
  #out = 0

  get size(): number {
    return this.#owed.size
  }

  /** With consumers now. */
  get out(): number {
    return this.#out
  }

  get hasReady(): boolean {
    return this.#ready.length > 0
  }

  has(row: number): boolean {
    return this.#owed.has(row)
  }

  owes(owed: Owed): boolean {
    return this.#owed.get(owed.row) === owed
  }

  all(): Iterable<Owed> {
    return this.#owed.values()
  }

  add(event: RecordedEvent, row: number, retryCount: number, replayed: boolean): void {
    const owed: Owed = {
      event,
      row,
      replayed,
      retryCount,
      place: 'ready',
      attempt: 0,
      holder: undefined,
      timer: undefined,
    }
    this.#owed.set(row, owed)
    this.#ready.push(owed)
  }

  take(holder: object): Owed | undefined {
    const owed = this.#ready.shift()
    if (owed === undefined) return undefined
    owed.place = 'out'
    owed.attempt++
    owed.holder = holder
    this.#out++
    return owed
  }

  /** Takes it away from its consumer. */
  recall(owed: Owed): void {
    if (owed.place === 'out') this.#out--
    clearTimeout(owed.timer)
    owed.timer = undefined
    owed.holder = undefined
    owed.place = 'waiting'
  }

  makeReady(owed: Owed): void {
    if (owed.place !== 'waiting' || !this.owes(owed)) return
    clearTimeout(owed.timer)
    owed.timer = undefined
    owed.place = 'ready'
    this.#ready.push(owed)
  }

  remove(owed: Owed): void {
    if (owed.place === 'ready') this.#ready = this.#ready.filter((other) => other !== owed)
    this.recall(owed)
    this.#owed.delete(owed.row)
  }
}
