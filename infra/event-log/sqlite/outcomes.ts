/** Appends that may be unanswered at once. */
export const MAX_UNANSWERED = 100_000

/** A position that no event has: the append's commit failed, and the reason comes as a message. */
const FAILED = -1

/**
 * What became of appends, a slot for each, in memory that both threads see: the side that asked is woken once for all of a commit and
 * has nothing to unpack. Plain memory: who writes must tell by an atomic operation, and who reads must have heard it.
 */
export class Outcomes {
  readonly #cells: Float64Array

  constructor(memory: SharedArrayBuffer) {
    this.#cells = new Float64Array(memory)
  }

  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(MAX_UNANSWERED * 2 * Float64Array.BYTES_PER_ELEMENT)
  }

  /** Position and revision of the append's last event. */
  settle(slot: number, position: number, revision: number): void {
    const cell = (slot % MAX_UNANSWERED) * 2
    this.#cells[cell] = position
    this.#cells[cell + 1] = revision
  }

  /** The one reason to refuse an append after it was sent: its stream is elsewhere, at `actual`, or nowhere. */
  refuse(slot: number, actual: number | undefined): void {
    this.settle(slot, Number.NaN, actual ?? Number.NaN)
  }

  fail(slot: number): void {
    this.settle(slot, FAILED, Number.NaN)
  }

  failed(slot: number): boolean {
    return this.position(slot) === FAILED
  }

  /** NaN: refused. */
  position(slot: number): number {
    return this.#cells[(slot % MAX_UNANSWERED) * 2] ?? Number.NaN
  }

  /** Of one that was refused: where its stream is, NaN for nowhere. */
  revision(slot: number): number {
    return this.#cells[(slot % MAX_UNANSWERED) * 2 + 1] ?? Number.NaN
  }
}
