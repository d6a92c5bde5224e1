import { Readable } from 'node:stream'
import { dkimVerify, type DKIMResult, type DKIMVerifyResult } from 'mailauth'
import { dkimResult, type AuthenticationResults } from '#domain/message/authentication-results'
import type { Instant } from '#domain/kernel/instant'
import { explanation } from './explanation.ts'
import { isSigned, limitSignatures, MAX_SIGNATURES, type Opened } from './header-block.ts'
import type { MethodDns } from './mailauth-resolver.ts'

export type Signature = Omit<AuthenticationResults['dkim'][number], 'aligned'>

/** Keys one mail may have looked up: its signatures and the seals of an ARC chain (50 at most, RFC 8617 4.2.1). */
export const KEY_QUESTIONS = 60

export interface Verified {
  readonly signatures: readonly Signature[]
  /** Addresses of header From as mailauth reads them, and how many From fields there are. */
  readonly from: { readonly addresses: readonly string[]; readonly fields: number }
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

const typed = (signature: DKIMResult): Signature => {
  const result = dkimResult.safeParse(signature.status.result)
  const unsigned = signature.status.underSized ?? 0
  const why = unsigned > 0 ? `${unsigned} bytes of the body are not signed (l=)` : signature.status.comment
  const policy = signature.status.policy?.['dkim-rules']
  return {
    result: result.success ? result.data : 'permerror',
    domain: signature.signingDomain?.toLowerCase().slice(0, 255) || null,
    selector: signature.selector?.slice(0, 255) || null,
    algorithm: signature.algo?.slice(0, 40) || null,
    explanation: explanation(why) ?? explanation(policy),
  }
}

/**
 * DKIM (RFC 6376, 8301, 8463) in one pass over the message; the body is read only when something signs it. `now` is what `x=`
 * is compared with. mailauth's strict mode: without it a key with `t=s` passes a signature of a subdomain's identity (3.6.1).
 */
export const verifyDkim = async (message: Opened, now: Instant, dns: MethodDns): Promise<Verified> => {
  const { header, ignored } = limitSignatures(message.header, MAX_SIGNATURES)
  const verified = await dkimVerify(
    isSigned(header)
      ? Readable.from(withHeader(header, message.header.length, message.body()), { objectMode: true })
      : header,
    { resolver: dns.resolve, curTime: new Date(now), strict: true },
  )
  const signatures = verified.results.filter((signature) => signature.status.result !== 'none').map(typed)
  if (ignored > 0) {
    const text = `${ignored} more signatures were not looked at: ${MAX_SIGNATURES} are the most`
    signatures.push({ result: 'policy', domain: null, selector: null, algorithm: null, explanation: text })
  }
  return {
    signatures,
    from: { addresses: verified.headerFrom, fields: verified.fromFields },
    chain: verified.arc,
  }
}
