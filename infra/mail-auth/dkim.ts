import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { DKIMResult, DKIMVerifyResult } from 'mailauth'
import { dkimResult, type AuthenticationResults } from '#domain/message/authentication-results'
import type { Instant } from '#domain/kernel/instant'
import { explanation } from './explanation.ts'
import { isSigned, limitSignatures, MAX_SIGNATURES, type Opened } from './header-block.ts'
import type { MethodDns } from './mailauth-resolver.ts'
import { SignatureVerifier } from './signature-verifier.ts'

export type Signature = Omit<AuthenticationResults['dkim'][number], 'aligned'>

/** Keys one mail may have looked up: its signatures and the seals of an ARC chain (50 at most, RFC 8617 4.2.1). */
export const KEY_QUESTIONS = 60

export interface Verified {
  readonly signatures: readonly Signature[]
  /** What ARC validation goes on with; undefined: no chain, nothing that looks like one. */
  readonly chain: DKIMVerifyResult['arc']
}

async function* withHeader(header: Buffer, cut: number, body: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  yield header
  let skip = cut
  for await (const chunk of body) {
    if (skip >= chunk.length) skip -= chunk.length
    else if (skip > 0) {
      yield chunk.subarray(skip)
      skip = 0
    } else yield chunk
  }
}

/** A clock that is ahead of ours by this much is believed, ms (`t=`, RFC 6376 3.5). */
const CLOCK_DRIFT = 300_000

/** Fields that may be there once (RFC 5322 3.6, RFC 2045) and that readers show or go by. */
const SINGLE = [
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'subject',
  'date',
  'message-id',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
]

/** A field that is there more than once, and not each of them is signed: a reader may see the one that somebody added (RFC 6376 8.15). */
const addedField = (header: Buffer, { signingHeaders }: DKIMResult): string | null => {
  const text = header.toString('latin1')
  const signed = (signingHeaders?.keys ?? '').toLowerCase().split(/\s*:\s*/)
  return (
    SINGLE.find((name) => {
      const there = text.match(new RegExp(`^${name}[ \\t]*:`, 'gim'))?.length ?? 0
      return there > 1 && signed.filter((one) => one === name).length < there
    }) ?? null
  )
}

const typed =
  (header: Buffer, now: Instant) =>
  (signature: DKIMResult): Signature => {
    const parsed = dkimResult.safeParse(signature.status.result)
    const unsigned = signature.status.underSized ?? 0
    const misgiving = parsed.data === 'pass' ? misgivingOf(header, now, signature) : null
    const why =
      misgiving ?? (unsigned > 0 ? `${unsigned} bytes of the body are not signed (l=)` : signature.status.comment)
    const policy = signature.status.policy?.['dkim-rules']
    return {
      result: misgiving !== null ? 'policy' : parsed.success ? parsed.data : 'permerror',
      domain: signature.signingDomain?.toLowerCase().slice(0, 255) || null,
      selector: signature.selector?.slice(0, 255) || null,
      algorithm: signature.algo?.slice(0, 40) || null,
      explanation: explanation(why) ?? explanation(policy),
      ...(signature.canonBodyLengthLimited === true ? { unsigned } : {}),
    }
  }

/** Why a signature that verifies is not taken for one; null: it is. */
const misgivingOf = (header: Buffer, now: Instant, signature: DKIMResult): string | null => {
  if (typeof signature.signTime === 'string' && Date.parse(signature.signTime) > now + CLOCK_DRIFT)
    return 'signed in the future'
  const added = addedField(header, signature)
  return added === null ? null : `there is more than one ${added} field, and not each is signed`
}

/**
 * DKIM (RFC 6376, 8301, 8463) in one pass over the message; the body is read only when something signs it. `now` is what `x=`
 * and `t=` are compared with. Strict: a key with `t=s` passes no signature of a subdomain's identity (3.6.1).
 */
export const verifyDkim = async (message: Opened, now: Instant, dns: MethodDns): Promise<Verified> => {
  const { header, ignored } = limitSignatures(message.header, MAX_SIGNATURES)
  const verifier = new SignatureVerifier({ resolver: dns.resolve, curTime: new Date(now) })
  const body = isSigned(header) ? withHeader(header, message.header.length, message.body()) : [header]
  await pipeline(Readable.from(body), verifier)
  const signatures = verifier.results.filter((signature) => signature.status.result !== 'none').map(typed(header, now))
  if (ignored > 0) {
    const text = `${ignored} more signatures were not looked at: ${MAX_SIGNATURES} are the most`
    signatures.push({ result: 'policy', domain: null, selector: null, algorithm: null, explanation: text })
  }
  return { signatures, chain: verifier.arc }
}
