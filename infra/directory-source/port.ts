import type { DirectoryEntry } from '#domain/hosted-domain/directory-plan'
import type { Address } from '#domain/message/mailbox'
import type { Reply } from '#domain/message/reply'

/** Somebody else who knows which addresses of a domain exist. Trouble with it is an answer, never thrown. */
export interface RecipientSource {
  /** `address`: a mailbox key. Answers soon after `signal` ends, then with `away`. */
  lookUp(address: Address, signal: AbortSignal): Promise<Found>
  close(): Promise<void>
}

export type Found =
  /** Mail to it is taken there; nothing else is known. */
  | { readonly kind: 'recipient' }
  /** Whose it is: of the first entry it may be an alias; the others are its members, where it is a group. */
  | { readonly kind: 'entries'; readonly entries: readonly DirectoryEntry[] }
  /** `reason`: what the source said, for the record. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** It does not answer, or not to the question. */
  | { readonly kind: 'away'; readonly reason: string }

/** A source that can tell all it knows. */
export interface DirectorySource extends RecipientSource {
  /** Everything it has of the domain. Throws `DirectoryAway` rather than answer with a part. */
  everything(signal: AbortSignal): Promise<readonly DirectoryEntry[]>
}

export class DirectoryAway extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(why, options)
    this.name = 'DirectoryAway'
  }
}

/** Asks a mail server whether it would take mail from `<>` for an address, without sending any. */
export interface RcptProbe {
  /** `about` is `host` when the server did not get as far as RCPT: `reply` says why. */
  ask(host: ProbedHost, address: Address, signal: AbortSignal): Promise<ProbeAnswer>
}

export interface ProbeAnswer {
  readonly about: 'recipient' | 'host'
  readonly reply: Reply
}

export interface ProbedHost {
  readonly protocol: 'smtp' | 'lmtp'
  readonly at: { readonly host: string; readonly port: number } | { readonly socket: string }
  readonly tls: 'off' | 'opportunistic' | 'required' | 'verify'
  readonly auth: { readonly user: string; readonly password: string } | null
}
