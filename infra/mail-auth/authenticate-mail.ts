import type { Readable } from 'node:stream'
import type { AuthenticationResults } from '#domain/message/authentication-results'
import type { Instant } from '#domain/kernel/instant'
import type { DnsResolver } from '#infra/dns/port'
import { validateArc } from './arc.ts'
import { formatAuthenticationResults } from './authentication-results-header.ts'
import { KEY_QUESTIONS, verifyDkim, type Signature, type Verified } from './dkim.ts'
import { DMARC_QUESTIONS, judgeDmarc, type Judged } from './dmarc.ts'
import { explanationOf } from './explanation.ts'
import { openMessage } from './header-block.ts'
import { methodDns } from './mailauth-resolver.ts'
import { evaluateSpf, SPF_QUESTIONS } from './spf.ts'

export interface MailToAuthenticate {
  /** The message as it was accepted. A stream is read no further than its header block when nothing signs the body. */
  readonly raw: Buffer | Readable
  readonly ip: string
  readonly helo: string | null
  /** Envelope sender, null for `<>`. */
  readonly reversePath: string | null
  /** Our name: the authserv-id of the header (RFC 8601 2.5). */
  readonly hostname: string
  readonly dns: DnsResolver
  /** When the mail was accepted: what expiry of signatures is compared with. */
  readonly now: Instant
}

export interface Authentication {
  readonly results: AuthenticationResults
  /** Value of the Authentication-Results field (RFC 8601), folded with CRLF and a space, without the field's name. */
  readonly header: string
}

const unread = (text: string): Verified => ({
  signatures: [{ result: 'permerror', domain: null, selector: null, algorithm: null, explanation: text }],
  from: { addresses: [], fields: 0 },
  chain: undefined,
})

/**
 * SPF, DKIM, DMARC and ARC of one mail. Whatever the mail and the DNS hold, each method ends in a typed result; temporary
 * failures of the DNS are `temperror`. Rejects only for what is not the mail's doing: a raw stream that fails, and whatever
 * the resolver itself throws (a replay that lacks an answer).
 */
export const authenticateMail = async (mail: MailToAuthenticate): Promise<Authentication> => {
  const message = await openMessage(mail.raw)
  const spfDns = methodDns(mail.dns, SPF_QUESTIONS)
  const keyDns = methodDns(mail.dns, KEY_QUESTIONS)
  const dmarcDns = methodDns(mail.dns, DMARC_QUESTIONS)

  const verifying = message.oversized
    ? Promise.resolve(unread('the header is too large to be verified'))
    : verifyDkim(message, mail.now, keyDns).catch((error: unknown) => unread(explanationOf(error)))
  const [spf, verified] = await Promise.all([evaluateSpf(mail, spfDns), verifying])
  const arc = await validateArc(verified.chain, keyDns).catch((error: unknown) => ({
    result: 'permerror' as const,
    instances: 0,
    explanation: explanationOf(error),
  }))
  const judged = await judgeDmarc({ from: verified.from, spf, signatures: verified.signatures }, dmarcDns).catch(
    (error: unknown): Judged => ({
      dmarc: { result: 'permerror', domain: null, policy: null, explanation: explanationOf(error) },
      spfAligned: false,
      aligned: () => false,
    }),
  )
  for (const dns of [spfDns, keyDns, dmarcDns]) {
    await dns.settled()
    if (dns.fault() !== null) throw dns.fault()
  }

  const results: AuthenticationResults = {
    spf: { ...spf, aligned: judged.spfAligned },
    dkim: verified.signatures.map((signature: Signature) => ({
      ...signature,
      aligned: judged.aligned(signature.domain),
    })),
    dmarc: judged.dmarc,
    arc,
  }
  return { results, header: formatAuthenticationResults(results, mail) }
}
