import type { ContentStore, StoredContent } from '#infra/content-store/port'
import type { MessageHeader } from '#infra/smtp/port'
import { Branch } from './branch.ts'

/** What was taken in of a submission. */
export interface Intake<Scanned> {
  readonly original: StoredContent
  /** What goes out, where that is something else. */
  readonly outgoing: StoredContent | null
  /** Begun before everything was durable, where the mail is small. */
  readonly scanned: Promise<Scanned>
}

export interface IntakeParts<Scanned> {
  readonly content: Pick<ContentStore, 'put'>
  /** The header is there: answers what goes out instead of it, null for the same. Throws to refuse the mail. */
  readonly header: (block: Buffer) => Buffer | null
  /** Of what goes out. Bytes where they are at hand, else it is in the store. */
  readonly scan: (what: { readonly bytes: Uint8Array } | { readonly stored: StoredContent }) => Promise<Scanned>
}

/** Larger mails are scanned from the store. */
const AT_HAND = 256 * 1024
const BLANK_LINE = Buffer.from('\r\n')

/**
 * Stores a message while it streams in: the original, and beside it what goes out where that is something else. Only the header and small mails are
 * held in memory. When it throws, nothing was kept but what the store drops by itself.
 */
export const takeIn = async <Scanned>(
  message: AsyncIterable<Uint8Array>,
  header: Pick<MessageHeader, 'headerBlock'>,
  { content, header: onHeader, scan }: IntakeParts<Scanned>,
): Promise<Intake<Scanned>> => {
  const outgoing = new Outgoing(content, header, onHeader)
  let scanned: Promise<Scanned> | null = null
  async function* passing(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of message) {
        await outgoing.pass(chunk)
        yield chunk
      }
      await outgoing.end()
      const bytes = outgoing.small
      if (bytes !== null) {
        scanned = scan({ bytes })
        // Whoever waits for it hears of it.
        scanned.catch(() => undefined)
      }
    } catch (error) {
      outgoing.fail(error instanceof Error ? error : new Error(String(error)))
      throw error
    } finally {
      outgoing.fail(new Error('the original could not be kept'))
    }
  }
  const original = await content.put(passing())
  const other = await outgoing.stored
  return { original, outgoing: other, scanned: scanned ?? scan({ stored: other ?? original }) }
}

/** What goes out, as the message passes. */
class Outgoing {
  readonly #content: Pick<ContentStore, 'put'>
  readonly #header: Pick<MessageHeader, 'headerBlock'>
  readonly #onHeader: (block: Buffer) => Buffer | null
  #passed = 0
  /** Octets of the original's header block; null while it is not complete. */
  #headerEnd: number | null = null
  #branch: Branch | null = null
  #stored: Promise<StoredContent> | null = null
  #gathered: Uint8Array[] | null = []
  #size = 0

  constructor(
    content: Pick<ContentStore, 'put'>,
    header: Pick<MessageHeader, 'headerBlock'>,
    onHeader: (block: Buffer) => Buffer | null,
  ) {
    this.#content = content
    this.#header = header
    this.#onHeader = onHeader
  }

  get stored(): Promise<StoredContent | null> {
    return this.#stored ?? Promise.resolve(null)
  }

  /** All that goes out; null: too much to hold. */
  get small(): Uint8Array | null {
    return this.#gathered === null ? null : Buffer.concat(this.#gathered)
  }

  async pass(chunk: Uint8Array): Promise<void> {
    await this.#lookAtHeader()
    if (this.#headerEnd !== null) {
      const body = chunk.subarray(Math.min(chunk.length, Math.max(0, this.#headerEnd - this.#passed)))
      this.#gather(body)
      await this.#branch?.push(body)
    }
    this.#passed += chunk.length
  }

  async end(): Promise<void> {
    await this.#lookAtHeader()
    this.#branch?.end()
  }

  fail(error: Error): void {
    this.#branch?.fail(error)
  }

  async #lookAtHeader(): Promise<void> {
    if (this.#headerEnd !== null) return
    const found = this.#header.headerBlock()
    if (found === null) return
    const block = Buffer.from(found.buffer, found.byteOffset, found.byteLength)
    this.#headerEnd = block.length
    const changed = this.#onHeader(block)
    // The blank line that ends a header may have begun in a chunk that is gone.
    const begun = BLANK_LINE.subarray(0, Math.max(0, this.#passed - block.length))
    this.#gather(changed ?? block)
    this.#gather(begun)
    if (changed === null) return
    this.#branch = new Branch()
    this.#stored = this.#content.put(this.#branch)
    // Its failure is heard when it is asked for.
    this.#stored.catch(() => undefined)
    await this.#branch.push(changed)
    await this.#branch.push(begun)
  }

  /** Copies: the memory of a chunk is used again. */
  #gather(octets: Uint8Array): void {
    this.#size += octets.length
    if (this.#gathered === null || octets.length === 0) return
    if (this.#size > AT_HAND) this.#gathered = null
    else this.#gathered.push(Buffer.from(octets))
  }
}
