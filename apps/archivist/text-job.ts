import type { ArchivedCopy } from '#infra/search/document'
import type { IndexDocument } from '#infra/search/port'

/** What the thread is asked: plain values, they cross it. */
export interface TextJob {
  readonly copies: readonly ArchivedCopy[]
  /** How much of each mail is read. */
  readonly reading: 'all' | 'without attachments' | 'nothing'
}

/** Failures of the content store go as values: what rejects is the end of the thread. */
export type TextAnswer =
  | { readonly documents: readonly IndexDocument[] }
  | { readonly failure: { readonly name: string; readonly message: string } }
