/** How far a message is followed. What lies beyond becomes a finding, never silence. Sizes in bytes. */
export interface ContentLimits {
  readonly maxMessageBytes: number
  /** Nesting of multiparts, attached messages and archives together. */
  readonly maxDepth: number
  /** Parts and archive members, in all readings. */
  readonly maxParts: number
  /** Everything decoded and unpacked, in all readings. */
  readonly maxDecodedBytes: number
  /** Everything that came out of archives. */
  readonly maxUnpackedBytes: number
  /** Unpacked size by packed size, judged once `bombFloorBytes` are out. */
  readonly maxRatio: number
  readonly bombFloorBytes: number
  /** Distinct alternative parts of one message. */
  readonly maxAlternatives: number
}

export const DEFAULT_CONTENT_LIMITS: ContentLimits = {
  maxMessageBytes: 64 * 1024 * 1024,
  maxDepth: 16,
  maxParts: 2_000,
  maxDecodedBytes: 384 * 1024 * 1024,
  maxUnpackedBytes: 96 * 1024 * 1024,
  maxRatio: 250,
  bombFloorBytes: 8 * 1024 * 1024,
  maxAlternatives: 600,
}
