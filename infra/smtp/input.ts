import { SMTPStream } from 'smtp-server/lib/smtp-stream.js'
import type { IncomingData } from './incoming-data.ts'

/** What is wrong with a line before its words are looked at. */
export type LineFault = 'too-long' | 'bare-lf' | 'bare-cr' | 'nul'

/** The connection, as its input sees it. */
export interface InputOwner {
  /** The longest command line in octets, without its end. */
  longestLine(): number
  /** One line without its end. `done` asks for the next. */
  line(line: Buffer, fault: LineFault | null, done: () => void): void
  /** A line that never ends: the connection must go. */
  endlessLine(): void
  /** Octets before the greeting. */
  early(): void
  /** No complete line is left: what was answered may go out. Calls back when the client has taken it. */
  drained(next: () => void): void
  /** Octets of a message have come. */
  progress(): void
  /** The client has closed its side, and all it sent is used up. */
  ended(): void
}

type Next = (error?: Error | null) => void

const lf = 10
const cr = 13
/** Lines handled before other connections get their turn. */
const turn = 50
/** An over-long line is read to its end, but no further than this many times the limit. */
const patience = 16

/**
 * Replaces smtp-server's parser, keeping its place in the pipe: a command line ends with CRLF and nothing else, what is over
 * a limit is dropped instead of kept, the message goes out without a stream between. Back-pressure is that of Writable:
 * the next chunk comes when this one is used up.
 */
export class MailInput extends SMTPStream {
  readonly #owner: InputOwner
  #pending: Buffer | null = null
  #release: Next | null = null
  #data: IncomingData | null = null
  #busy = false
  #open: boolean
  #handled = 0
  /** Octets dropped of a line over the limit; null: none. */
  #dropped: number | null = null

  constructor(owner: InputOwner, { open }: { open: boolean }) {
    super({ highWaterMark: 64 * 1024 })
    this.#owner = owner
    this.#open = open
  }

  /** The greeting is out: lines count. */
  open(): void {
    this.#open = true
    this.#pump()
  }

  /** From the next octet on it is a message, until `resume`. */
  receive(data: IncomingData): void {
    this.#data = data
  }

  /** The message has been answered: lines again. */
  resume(): void {
    this.#data = null
    this.#busy = false
    this.#pump()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding | 'buffer', next: Next): void {
    if (this.isClosed) {
      next()
      return
    }
    this.#pending = this.#pending === null ? chunk : Buffer.concat([this.#pending, chunk])
    this.#release = next
    this.#pump()
  }

  /** At the end of the input. A line without an end is no command. */
  override _flushData(): void {
    if (!this.isClosed) this.#owner.ended()
  }

  #pump(): void {
    while (!this.#busy) {
      if (this.isClosed) {
        this.#pending = null
        this.#asNeeded()
        return
      }
      if (!this.#open) {
        if (this.#pending !== null) this.#owner.early()
        return
      }
      if (this.#data !== null) {
        if (!this.#feed(this.#data)) return
        continue
      }
      if (this.#handled >= turn) {
        this.#handled = 0
        this.#busy = true
        setImmediate(() => {
          this.#busy = false
          this.#pump()
        })
        return
      }
      if (!this.#nextLine()) return
    }
  }

  /** Answers whether to go on at once. */
  #feed(data: IncomingData): boolean {
    const chunk = this.#pending
    this.#pending = null
    if (chunk !== null && chunk.length > 0) {
      const rest = data.take(chunk)
      if (rest !== null) {
        this.#pending = rest.length === 0 ? null : rest
        this.#busy = true
        this.#owner.progress()
        data.complete()
        return false
      }
      this.#owner.progress()
      if (data.message.full) {
        data.message.whenRoom(() => {
          this.#asNeeded()
        })
        return false
      }
    }
    this.#asNeeded()
    return false
  }

  #nextLine(): boolean {
    const chunk = this.#pending
    if (chunk === null) {
      this.#settle()
      return false
    }
    const limit = this.#owner.longestLine()
    const end = chunk.indexOf(lf)
    if (end < 0) {
      if (this.#dropped !== null || chunk.length > limit + 1) {
        this.#dropped = (this.#dropped ?? 0) + chunk.length
        this.#pending = null
        if (this.#dropped > patience * limit) {
          this.#owner.endlessLine()
          this.#asNeeded()
          return false
        }
      }
      this.#settle()
      return false
    }
    this.#pending = end + 1 === chunk.length ? null : chunk.subarray(end + 1)
    const ended = end > 0 && chunk[end - 1] === cr
    const line = chunk.subarray(0, ended ? end - 1 : end)
    const tooLong = this.#dropped !== null || line.length > limit
    this.#dropped = null
    this.#handled++
    this.#dispatch(line, tooLong ? 'too-long' : faultOf(line, ended))
    return true
  }

  #dispatch(line: Buffer, fault: LineFault | null): void {
    this.#busy = true
    let sync = true
    this.#owner.line(line, fault, () => {
      this.#busy = false
      if (!sync) this.#pump()
    })
    sync = false
  }

  /** Nothing more to do with this chunk: let the replies out, then ask for more. */
  #settle(): void {
    this.#handled = 0
    this.#busy = true
    this.#owner.drained(() => {
      this.#busy = false
      this.#asNeeded()
    })
  }

  #asNeeded(): void {
    const release = this.#release
    this.#release = null
    release?.()
  }
}

const faultOf = (line: Buffer, ended: boolean): LineFault | null => {
  if (!ended) return 'bare-lf'
  if (line.includes(cr)) return 'bare-cr'
  return line.includes(0) ? 'nul' : null
}
