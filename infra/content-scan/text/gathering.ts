import { DEFAULT_CONTENT_LIMITS } from '../limits.ts'
import { Walk } from '../walk.ts'
import type { AttachedFile, TextLimits } from './port.ts'

const MAX_UNREADABLE = 20
const MAX_FILES = 200

/** What has been read of one mail so far, and what may still be. */
export class Gathering {
  readonly limits: TextLimits
  readonly body: Text
  readonly attached: Text
  readonly files: AttachedFile[] = []
  readonly unreadable: string[] = []
  /** Counts what archives hold. */
  readonly walk: Walk
  readonly #end: number
  #parts = 0

  constructor(limits: TextLimits) {
    this.limits = limits
    this.body = new Text(limits.maxText)
    this.attached = new Text(limits.maxText)
    this.walk = new Walk({
      ...DEFAULT_CONTENT_LIMITS,
      maxDepth: limits.maxDepth,
      maxUnpackedBytes: limits.maxUnpackedBytes,
    })
    this.#end = performance.now() + limits.maxMilliseconds
  }

  get isLate(): boolean {
    return performance.now() > this.#end
  }

  cannotRead(what: string, why: string): void {
    const sentence = `${what === '' ? 'the mail' : what.slice(0, 200)}: ${why}`
    if (this.unreadable.length < MAX_UNREADABLE && !this.unreadable.includes(sentence)) this.unreadable.push(sentence)
  }

  file(file: AttachedFile): void {
    if (this.files.length < MAX_FILES) this.files.push(file)
  }

  /** False when there are too many, they lie too deep, or it takes too long. */
  part(path: string, depth: number): boolean {
    this.#parts += 1
    if (this.#parts > this.limits.maxParts)
      this.cannotRead('', `more than ${this.limits.maxParts} parts, the rest was not read`)
    else if (depth > this.limits.maxDepth) this.cannotRead(path, `nested more than ${this.limits.maxDepth} levels deep`)
    else if (this.isLate) this.cannotRead(path, 'reading the mail took too long')
    else return true
    return false
  }
}

/** Text that grows up to a limit. */
class Text {
  readonly #pieces: string[] = []
  #left: number

  constructor(limit: number) {
    this.#left = limit
  }

  get isFull(): boolean {
    return this.#left <= 0
  }

  /** False when there was not room for all of it. */
  add(text: string): boolean {
    if (this.#left <= 0) return text === ''
    const fits = text.length <= this.#left
    this.#pieces.push(fits ? text : text.slice(0, this.#left))
    this.#left -= text.length + 1
    return fits
  }

  toString(): string {
    return this.#pieces.join('\n').toWellFormed()
  }
}

export type { Text }
