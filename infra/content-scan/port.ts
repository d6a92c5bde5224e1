import type { AttachmentFact, DetectedType } from '#domain/scoring/attachments'
import type { UnscannableKind } from '#infra/antivirus/port'

/**
 * What mail programs may make of a message: every part as each of several MIME readings would see it, decoded and unpacked.
 * A reading is lazy and is iterated once; `findings`, `attachments` and `ambiguities` are complete when it has ended.
 */
export interface ContentReading {
  readonly parts: Iterable<ContentPart>
  /** What could not be looked into, and why. */
  readonly findings: readonly ContentFinding[]
  /** One per part that a reader could be offered as a file. */
  readonly attachments: readonly AttachmentFact[]
  /** Where MIME readers disagree; not a finding by itself, since all readings were produced. */
  readonly ambiguities: readonly Ambiguity[]
}

export interface ContentPart {
  /** Where it was found, for people: `2/invoice.zip/x.com`. */
  readonly path: string
  readonly bytes: Uint8Array
  /**
   * `verbatim`: stands in the message as it is; `decoded`: its transfer encoding undone; `unpacked`: an archive's member;
   * `alternative`: what only some MIME readers or unpackers would see.
   */
  readonly kind: 'verbatim' | 'decoded' | 'unpacked' | 'alternative'
  /** Its beginning is that of a known file type, or it is offered as a file; else it is text or noise. */
  readonly isFile: boolean
  readonly type: DetectedType | null
}

export interface ContentFinding {
  readonly kind: UnscannableKind
  readonly part: string
  readonly detail: string
}

export interface Ambiguity {
  readonly what: AmbiguityKind
  readonly part: string
}

export type AmbiguityKind =
  | 'header'
  | 'content-type'
  | 'content-encoding'
  | 'boundary'
  | 'undeclared-parts'
  | 'base64'
  | 'quoted-printable'

/** Reads one whole message (or any file); never throws on what is in it. */
export type ContentReader = (message: Uint8Array) => ContentReading
