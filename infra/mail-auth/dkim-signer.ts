import { createHash, createPrivateKey, sign as signBytes, type KeyObject } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Instant } from '#domain/kernel/instant'
import type { DkimAlgorithm } from '#domain/hosted-domain/events'
import { parseDomainName } from '#domain/message/domain-name'
import { RelaxedBodyHash } from './dkim-body.ts'
import { endOfHeader } from './header-block.ts'
import { foldedBase64, foldedWords, relaxedField, signedHeader } from './dkim-header.ts'

/** A key that signs now. */
export interface SigningKey {
  readonly selector: string
  readonly algorithm: DkimAlgorithm
  /** Tells it from every other key. */
  readonly id: string
  /** The private key: PKCS #8 in PEM. Asked once, then the parsed key is kept. */
  open(): string
}

export interface DkimSigner {
  /**
   * The DKIM-Signature fields for this message as it will be sent, one per key that signs, each line with its CRLF: they go before its first
   * byte. '' when the domain has no key that signs, or the message no From. `domain`: of the address in header From. The
   * message is read once, piece by piece. Rejects when it can't be read, when a key can't be opened, or with `HeaderTooLarge`.
   */
  sign(message: { readonly domain: string; open(): AsyncIterable<Uint8Array> }): Promise<string>
}

export interface DkimSignerOptions {
  readonly keysOf: (domain: string) => readonly SigningKey[] | Promise<readonly SigningKey[]>
  readonly clock: () => Instant
}

/** A header block beyond every limit that mail is accepted with. */
export class HeaderTooLarge extends Error {
  constructor(bytes: number) {
    super(`a header block of more than ${bytes} bytes is not signed`)
    this.name = 'HeaderTooLarge'
  }
}

const MAX_HEADER = 4 * 1024 * 1024
const KEYS_KEPT = 2_000

/** Signs with relaxed/relaxed, without `l=` and `x=`; RSA-SHA256 (RFC 6376, RFC 8301) and Ed25519-SHA256 (RFC 8463). */
export const createDkimSigner = ({ keysOf, clock }: DkimSignerOptions): DkimSigner => {
  const parsed = new LRUCache<string, KeyObject>({ max: KEYS_KEPT })
  const keyObject = (key: SigningKey): KeyObject => {
    const known = parsed.get(key.id)
    if (known !== undefined) return known
    const made = createPrivateKey(key.open())
    parsed.set(key.id, made)
    return made
  }
  return {
    async sign({ domain, open }) {
      const name = parseDomainName(domain)
      if (name === null) return ''
      const keys = await keysOf(name)
      if (keys.length === 0) return ''
      const read = await readMessage(open())
      const header = signedHeader(read.header)
      if (header === null) return ''
      const time = Math.floor(clock() / 1000)
      const fields = await Promise.all(
        keys.map(async (key) => {
          const unsigned = fieldOf(key, { domain: name, time, names: header.names, bodyHash: read.bodyHash })
          const text = `${header.canonical}${relaxedField(unsigned)}`
          const signature = await signed(Buffer.from(text, 'latin1'), key.algorithm, keyObject(key))
          return `${unsigned}${foldedBase64(signature.toString('base64'), 10)}\r\n`
        }),
      )
      return fields.join('')
    },
  }
}

/** The field up to `b=`, folded. */
const fieldOf = (
  { algorithm, selector }: SigningKey,
  {
    domain,
    time,
    names,
    bodyHash,
  }: { readonly domain: string; readonly time: number; readonly names: readonly string[]; readonly bodyHash: string },
): string =>
  [
    `DKIM-Signature: v=1; a=${algorithm}; c=relaxed/relaxed;`,
    `\td=${domain};`,
    `\ts=${selector}; t=${time};`,
    `\th=${foldedWords(names, ':', 10)};`,
    `\tbh=${bodyHash};`,
    '\tb=',
  ].join('\r\n')

/** In the thread pool: an RSA signature would hold up the loop for a millisecond. */
export const signed = (text: Buffer, algorithm: DkimAlgorithm, key: KeyObject): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const done = (error: Error | null, signature: Buffer) => (error === null ? resolve(signature) : reject(error))
    if (algorithm === 'rsa-sha256') signBytes('sha256', text, key, done)
    // RFC 8463 3: what is signed is the SHA-256 of the header.
    else signBytes(null, createHash('sha256').update(text).digest(), key, done)
  })

/** The header block as latin1, and the hash of the body in relaxed form. */
export const readMessage = async (chunks: AsyncIterable<Uint8Array>): Promise<{ header: string; bodyHash: string }> => {
  const body = new RelaxedBodyHash()
  let header: string | null = null
  let head: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    if (header !== null) {
      body.update(chunk)
      continue
    }
    const from = Math.max(0, head.length - 3)
    head = head.length === 0 ? asBuffer(chunk) : Buffer.concat([head, chunk])
    const end = endOfHeader(head, from)
    if (end !== null) {
      header = head.toString('latin1', 0, end.fields)
      body.update(head.subarray(end.body))
      head = Buffer.alloc(0)
    } else if (head.length > MAX_HEADER) throw new HeaderTooLarge(MAX_HEADER)
  }
  return { header: header ?? head.toString('latin1').replace(/\r?\n$/, ''), bodyHash: body.digest() }
}

const asBuffer = (chunk: Uint8Array): Buffer => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
