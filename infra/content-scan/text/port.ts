import type { Instant } from '#domain/kernel/instant'

/** What of a mail can be read by people and found by words. Lengths and counts are bounded; nothing here is to be trusted. */
export interface MailText {
  /** Without angle brackets. */
  readonly messageId: string | null
  /** Message-IDs of References and In-Reply-To, the first mail of the conversation first; at most 50. */
  readonly references: readonly string[]
  readonly from: readonly Person[]
  readonly to: readonly Person[]
  readonly cc: readonly Person[]
  readonly bcc: readonly Person[]
  readonly subject: string | null
  /** As the header says; null: it says nothing that could be understood. */
  readonly date: Instant | null
  /** The mail's own text. */
  readonly body: string
  /** Of mails inside it and of attachments. */
  readonly attached: string
  readonly files: readonly AttachedFile[]
  /** What could not be read, and why: one sentence each, at most 20. */
  readonly unreadable: readonly string[]
}

export interface Person {
  readonly name: string
  /** The domain in lower case. */
  readonly address: string
}

export interface AttachedFile {
  readonly name: string
  readonly type: FileType
}

export const FILE_TYPES = [
  'pdf',
  'document',
  'spreadsheet',
  'presentation',
  'text',
  'web-page',
  'mail',
  'archive',
  'image',
  'media',
  'program',
  'other',
] as const
export type FileType = (typeof FILE_TYPES)[number]

/** How far a mail is followed. What lies beyond is marked as unreadable. */
export interface TextLimits {
  readonly maxMailBytes: number
  /** Mails, multiparts and archives within each other. */
  readonly maxDepth: number
  /** Parts and members of archives. */
  readonly maxParts: number
  /** UTF-16 units of the mail's own text, and as many of all the rest. */
  readonly maxText: number
  /** Everything that comes out of archives and documents, in bytes. */
  readonly maxUnpackedBytes: number
  readonly maxPages: number
  /** Milliseconds for one mail; looked at between pages and parts. */
  readonly maxMilliseconds: number
}

export const DEFAULT_TEXT_LIMITS: TextLimits = {
  maxMailBytes: 64 * 1024 * 1024,
  maxDepth: 10,
  maxParts: 1_000,
  maxText: 500_000,
  maxUnpackedBytes: 64 * 1024 * 1024,
  maxPages: 2_000,
  maxMilliseconds: 10_000,
}
