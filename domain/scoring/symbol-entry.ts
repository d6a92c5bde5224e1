/** One row of the weight table. */
export interface SymbolEntry {
  /** Added to the score; below 0 it speaks for the mail. */
  readonly weight: number
  /** For administrators: what was found, in technical terms. */
  readonly description: string
  /** For everyone: one plain sentence. */
  readonly sentence: string
  /** Weighs at least the threshold, whatever that is, and nothing outweighs it. */
  readonly decisive?: boolean
}
