import { LRUCache } from 'lru-cache'
import type { Mail } from '#domain/mail/state'
import { domainOf } from '#domain/message/mailbox'
import type { ContentStore } from '#infra/content-store/port'
import { withoutForeignTraces } from '../foreign-traces.ts'
import { prepend } from '../prepend.ts'
import { headerOf } from '#infra/content-scan/header-of'
import { receivedHeader } from '../trace-headers.ts'

/** Puts DKIM-Signature lines on top; '' when it doesn't sign. */
export interface DkimSigner {
  sign(mail: { readonly domain: string; readonly open: () => AsyncIterable<Uint8Array> }): Promise<string>
}

export interface MessageParts {
  readonly content: Pick<ContentStore, 'open'>
  readonly signer?: DkimSigner
}

/** A mail as it goes out. */
export interface OutgoingMessage {
  /** Octets, nearly. */
  readonly size: number
  /** The header has more than ASCII, and the submitter said that it is meant so (RFC 6531). */
  readonly needsSmtputf8: boolean
  open(): AsyncIterable<Uint8Array>
  /** Whether a line has octets beyond ASCII (RFC 6152). Reads all of it. */
  has8Bit(): Promise<boolean>
}

/** Signatures of mails that go to many destinations: made once. */
const MOST_SIGNATURES = 500

/** What is relayed of mails: the outgoing content, with `Received` and `DKIM-Signature` on top and no foreign traces (interface.md §3). */
export class OutgoingMessages {
  readonly #parts: MessageParts
  readonly #signatures = new LRUCache<string, Promise<string>>({ max: MOST_SIGNATURES })

  constructor(parts: MessageParts) {
    this.#parts = parts
  }

  /** `only`: the address, where the copy is for one recipient alone. */
  async of(mailId: string, mail: Mail, only: string | null): Promise<OutgoingMessage> {
    const { accepted } = mail
    const { contentHash, size } = accepted.outgoing ?? accepted
    const open = (): AsyncIterable<Uint8Array> =>
      withoutForeignTraces(this.#parts.content.open(contentHash), accepted.hostname)
    const top = Buffer.from(`${await this.#signature(mailId, mail, open)}${receivedHeader(mailId, mail, only)}\r\n`)
    return {
      size: size + top.length,
      needsSmtputf8: accepted.smtputf8 && is8Bit(await headerOf(open())),
      open: () => prepend(top, open()),
      has8Bit: async () => {
        for await (const octets of open()) if (is8Bit(octets)) return true
        return false
      },
    }
  }

  #signature(mailId: string, { accepted }: Mail, open: () => AsyncIterable<Uint8Array>): Promise<string> {
    const { signer } = this.#parts
    // What came from the Internet and is forwarded is not ours to sign, whatever its From says.
    if (signer === undefined || accepted.headerFrom === null || accepted.flow === 'inbound') return Promise.resolve('')
    let signature = this.#signatures.get(mailId)
    if (signature === undefined) {
      signature = signer.sign({ domain: domainOf(accepted.headerFrom.address), open })
      this.#signatures.set(mailId, signature)
      // What failed is asked for again.
      signature.catch(() => this.#signatures.delete(mailId))
    }
    return signature
  }
}

const is8Bit = (octets: Uint8Array): boolean => octets.some((octet) => octet > 127)
