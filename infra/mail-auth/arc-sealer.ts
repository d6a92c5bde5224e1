import { createPrivateKey } from 'node:crypto'
import type { Instant } from '#domain/kernel/instant'
import { parseDomainName } from '#domain/message/domain-name'
import { existingSets, type ArcSet } from './arc-sets.ts'
import { foldedBase64, foldedWords, relaxedField, signedHeader } from './dkim-header.ts'
import { readMessage, signed, type SigningKey } from './dkim-signer.ts'

export interface MessageToSeal {
  /** Whose keys seal it: the domain here that sends it on. */
  readonly domain: string
  /** Our name in Authentication-Results. */
  readonly authservId: string
  /** Values of our own Authentication-Results fields: what we found when it came. Those of another name are passed over. */
  readonly results: readonly string[]
  /** Names that are signed, in this order; absent: as DKIM does. */
  readonly signs?: readonly string[]
  /** The message as it came; read once, piece by piece. */
  open(): AsyncIterable<Uint8Array>
}

export interface ArcSealer {
  /**
   * The ARC set (RFC 8617 5.1) for a message that is sent on, each line with its CRLF: it goes before its first byte. '' when there is nothing to
   * be sealed: the domain has no key that signs, the mail no From, or its chain has failed before, is as long as one may be, or wasn't looked at.
   */
  seal(message: MessageToSeal): Promise<string>
}

export interface ArcSealerOptions {
  readonly keysOf: (domain: string) => readonly SigningKey[] | Promise<readonly SigningKey[]>
  readonly clock: () => Instant
}

const MAX_INSTANCE = 50

export const createArcSealer = ({ keysOf, clock }: ArcSealerOptions): ArcSealer => ({
  async seal({ domain, authservId, results, signs, open }) {
    const name = parseDomainName(domain)
    const keys = name === null ? [] : await keysOf(name)
    // One set has one signature, and RSA is what every validator knows.
    const key = keys.find(({ algorithm }) => algorithm === 'rsa-sha256') ?? keys[0]
    const payload = payloadOf(results, authservId)
    if (name === null || key === undefined || payload === null) return ''
    const read = await readMessage(open())
    const header = signedHeader(read.header, signs)
    const before = existingSets(read.header)
    const cv = validationOf(payload, before)
    if (header === null || cv === null) return ''
    const instance = before.highest + 1
    const common = `d=${name}`
    const end = `i=${instance}; s=${key.selector}; t=${Math.floor(clock() / 1000)}`
    const sign = async (covered: string, unsigned: (b: string) => string): Promise<string> => {
      const bytes = Buffer.from(covered + relaxedField(unsigned('')), 'latin1')
      const signature = await signed(bytes, key.algorithm, createPrivateKey(key.open()))
      return unsigned(signature.toString('base64'))
    }

    const resultsField = `ARC-Authentication-Results: i=${instance}; ${authservId}; ${payload}`
    const signature = await sign(header.canonical, (b) =>
      [
        `ARC-Message-Signature: a=${key.algorithm};`,
        `\tb=${b};`,
        `\tbh=${read.bodyHash}; c=relaxed/relaxed;`,
        `\t${common}; h=${foldedWords(header.names, ':', 14 + common.length)};`,
        `\t${end}`,
      ].join('\r\n'),
    )
    const sealedFields = [...(cv === 'fail' ? [] : fieldsIn(before.sets)), resultsField, signature]
    const seal = await sign(sealedFields.map((field) => `${relaxedField(field)}\r\n`).join(''), (b) =>
      [`ARC-Seal: a=${key.algorithm};`, `\tb=${foldedBase64(b, 12)}; cv=${cv};`, `\t${common}; ${end}`].join('\r\n'),
    )
    return `${seal}\r\n${signature}\r\n${resultsField}\r\n`
  },
})

/** In the order in which a seal covers them (RFC 8617 5.1.1). */
const fieldsIn = (sets: readonly ArcSet[]): string[] =>
  sets.flatMap(({ results, signature, seal }) => [results, signature, seal])

/** What we say of the chain before; null: it is not sealed again. */
const validationOf = (
  payload: string,
  { sets, highest, hasFailed }: ReturnType<typeof existingSets>,
): 'none' | 'pass' | 'fail' | null => {
  if (hasFailed || highest >= MAX_INSTANCE) return null
  if (highest === 0) return 'none'
  const [, found] = /(?:^|;)\s*arc\s*=\s*(pass|fail)\b/i.exec(payload) ?? []
  if (found?.toLowerCase() === 'fail') return 'fail'
  // What vouches for a chain must have it.
  return found !== undefined && sets.length === highest ? 'pass' : null
}

/** The results of our fields as one list (RFC 8617 5.1, step 4), folded as they were. null: there are none. */
const payloadOf = (results: readonly string[], authservId: string): string | null => {
  const own = results.flatMap((value) => {
    const [, id, payload] = /^\s*("(?:[^"\\]|\\.)*"|[^\s;]+)[^;]*;([^]*)$/.exec(value) ?? []
    return id?.toLowerCase() === authservId.toLowerCase() && payload !== undefined ? [payload.trim()] : []
  })
  const payload = own.join('; ').replaceAll(/\s*\r?\n\s*/g, '\r\n\t')
  return payload === '' ? null : payload
}
