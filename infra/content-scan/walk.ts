import { createHash } from 'node:crypto'
import type { AttachmentFact } from '#domain/scoring/attachments'
import type { UnscannableKind } from '#infra/antivirus/port'
import type { ContentLimits } from './limits.ts'
import type { Ambiguity, AmbiguityKind, ContentFinding } from './port.ts'

const MAX_NOTES = 50

/** What one reading of a message has spent and seen so far. */
export class Walk {
  readonly limits: ContentLimits
  readonly findings: ContentFinding[] = []
  readonly attachments: AttachmentFact[] = []
  readonly ambiguities: Ambiguity[] = []
  #decoded = 0
  #unpacked = 0
  #parts = 0
  #alternatives = 0
  readonly #seen = new Set<string>()

  constructor(limits: ContentLimits) {
    this.limits = limits
  }

  finding(kind: UnscannableKind, part: string, detail: string): void {
    if (this.findings.length >= MAX_NOTES) return
    if (this.findings.some((known) => known.kind === kind && known.part === part && known.detail === detail)) return
    this.findings.push({ kind, part, detail })
  }

  ambiguous(what: AmbiguityKind, part: string): void {
    if (this.ambiguities.length < MAX_NOTES) this.ambiguities.push({ what, part })
  }

  /** False when the message is nested too deep to go on. */
  enter(depth: number, part: string): boolean {
    if (depth <= this.limits.maxDepth) return true
    this.finding('too-deep', part, `nested more than ${this.limits.maxDepth} levels deep`)
    return false
  }

  /** Counts one more part; false when there are too many. */
  part(path: string): boolean {
    this.#parts += 1
    if (this.#parts <= this.limits.maxParts) return true
    this.finding('bomb', path, `more than ${this.limits.maxParts} parts`)
    return false
  }

  /** Counts decoded bytes; false when they are too many. */
  decoded(bytes: number, path: string): boolean {
    this.#decoded += bytes
    if (this.#decoded <= this.limits.maxDecodedBytes) return true
    this.finding('bomb', path, `decodes to more than ${this.limits.maxDecodedBytes} bytes`)
    return false
  }

  /** How many bytes may still come out of archives. */
  get unpackable(): number {
    return this.limits.maxUnpackedBytes - this.#unpacked
  }

  /** Counts what came out of an archive; false (and a finding) when it is a bomb. */
  unpacked(bytes: number, packed: number, path: string): boolean {
    this.#unpacked += bytes
    if (this.#unpacked > this.limits.maxUnpackedBytes) {
      this.finding('bomb', path, `unpacks to more than ${this.limits.maxUnpackedBytes} bytes`)
      return false
    }
    if (bytes > this.limits.bombFloorBytes && bytes > packed * this.limits.maxRatio) {
      this.finding('bomb', path, `unpacks to more than ${this.limits.maxRatio} times its size`)
      return false
    }
    return this.decoded(bytes, path)
  }

  /** True for bytes that no other part of this message had; alternatives beyond the limit are a finding. */
  isNew(bytes: Uint8Array, path: string, alternative: boolean): boolean {
    const key = `${bytes.length}:${createHash('sha1').update(bytes).digest('base64')}`
    if (this.#seen.has(key)) return false
    this.#seen.add(key)
    if (!alternative) return true
    this.#alternatives += 1
    if (this.#alternatives <= this.limits.maxAlternatives) return true
    this.finding('malformed', path, `more than ${this.limits.maxAlternatives} different readings`)
    return false
  }
}
