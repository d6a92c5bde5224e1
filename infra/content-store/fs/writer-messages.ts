/** What goes between the store and its writer thread. All numbers; the bytes of a batch lie in one transferred buffer. */
export interface PutSmall {
  readonly kind: 'small'
  readonly hash: string
  /** Where its bytes lie in the batch's buffer. */
  readonly from: number
  readonly to: number
}
export interface PutLarge {
  readonly kind: 'large'
  readonly hash: string
  readonly size: number
  /** A complete, synced file in the incoming folder. */
  readonly file: string
}
export interface Drop {
  readonly kind: 'drop'
  readonly hash: string
  readonly putBefore: number
}
export type WriterTask = PutSmall | PutLarge | Drop

export interface WriterBatch {
  readonly tasks: readonly WriterTask[]
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** One per task of the batch, in its order: done (drop: whether it is gone), or why not. */
export type WriterResult = boolean | { readonly failed: string }

export type WriterReply =
  | { readonly kind: 'opened' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'results'; readonly results: readonly WriterResult[] }
  | { readonly kind: 'problem'; readonly why: string }

export type WriterRequest = { readonly kind: 'batch'; readonly batch: WriterBatch } | { readonly kind: 'close' }
