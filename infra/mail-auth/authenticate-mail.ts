import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { AuthenticationResults } from '#domain/message/authentication-results'
import type { Instant } from '#domain/kernel/instant'
import type { DnsResolver } from '#infra/dns/port'
import { validateArc, vouchingSealer, type Chain } from './arc.ts'
import { authorOf, type Author } from './author.ts'
import { formatAuthenticationResults } from './authentication-results-header.ts'
import { KEY_QUESTIONS, verifyDkim, type Signature, type Verified } from './dkim.ts'
import { DMARC_QUESTIONS, judgeDmarc, type Judged } from './dmarc.ts'
import { discoveryBy, type DmarcDiscovery } from './dmarc-discovery.ts'
import { explanationOf } from './explanation.ts'
import { openMessage, type Opened } from './header-block.ts'
import { methodDns } from './mailauth-resolver.ts'
import { evaluateHelo, evaluateSpf, SPF_QUESTIONS } from './spf.ts'

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
  /** What the administrator chose; default: RFC 7489, nobody is trusted. */
  readonly policy?: AuthenticationPolicy
}

export interface AuthenticationPolicy {
  readonly dmarc: DmarcDiscovery
  /** Domains of ARC sealers whose word for a mail's DMARC result is taken. */
  readonly trustedSealers: readonly string[]
}

const DEFAULT_POLICY: AuthenticationPolicy = { dmarc: 'rfc7489', trustedSealers: [] }

export interface Authentication {
  readonly results: AuthenticationResults
  /** Value of the Authentication-Results field (RFC 8601), folded with CRLF and a space, without the field's name. */
  readonly header: string
}

const TOO_LARGE = 'the header is too large to be verified'

const unread = (text: string): Verified => ({
  signatures: [{ result: 'permerror', domain: null, selector: null, algorithm: null, explanation: text }],
  chain: undefined,
})

/**
 * SPF, DKIM, DMARC and ARC of one mail. Whatever the mail and the DNS hold, each method ends in a typed result; temporary
 * failures of the DNS are `temperror`. Rejects only for what is not the mail's doing: a raw stream that fails, and whatever
 * the resolver itself throws (a replay that lacks an answer).
 */
export const authenticateMail = async (mail: MailToAuthenticate): Promise<Authentication> => {
  const policy = mail.policy ?? DEFAULT_POLICY
  const message = await openMessage(mail.raw)
  const spfDns = methodDns(mail.dns, SPF_QUESTIONS)
  const heloDns = methodDns(mail.dns, SPF_QUESTIONS)
  const keyDns = methodDns(mail.dns, KEY_QUESTIONS)
  const dmarcDns = methodDns(mail.dns, DMARC_QUESTIONS)

  const verifying = message.oversized
    ? Promise.resolve(unread(TOO_LARGE))
    : verifyDkim(message, mail.now, keyDns).catch((error: unknown) => unread(explanationOf(error)))
  const [spf, helo, { signatures, chain: read }] = await Promise.all([
    evaluateSpf(mail, spfDns),
    evaluateHelo(mail, heloDns),
    verifying,
  ])
  const chain = await validateArc(read, keyDns).catch((error: unknown): Chain => ({
    arc: { result: 'permerror', instances: 0, explanation: explanationOf(error) },
    sets: [],
  }))
  const author = authorIn(message)
  const discovery = discoveryBy(policy.dmarc, dmarcDns)
  const judged = await judgeDmarc(author, { spf, signatures }, discovery, lotOf(message, mail.now)).catch(
    (error: unknown): Judged => ({
      dmarc: { result: 'permerror', domain: null, policy: null, explanation: explanationOf(error) },
      spfAligned: false,
      aligned: () => false,
    }),
  )
  for (const dns of [spfDns, heloDns, keyDns, dmarcDns]) {
    await dns.settled()
    if (dns.fault() !== null) throw dns.fault()
  }

  const results: AuthenticationResults = {
    spf: { ...spf, aligned: judged.spfAligned, ...(helo === undefined ? {} : { helo }) },
    dkim: signatures.map((signature: Signature) => ({ ...signature, aligned: judged.aligned(signature.domain) })),
    dmarc: vouchedFor(judged.dmarc, author, chain, policy),
    arc: chain.arc,
  }
  return { results, header: formatAuthenticationResults(results, mail) }
}

const authorIn = (message: Opened): Author =>
  message.oversized ? { domains: [], doubt: TOO_LARGE } : authorOf(message.header)

/** RFC 7489 6.6.4: which mails a policy for a part of them is for. Not by chance: a mail that is judged again draws the same. */
const lotOf = ({ header }: Opened, now: Instant): number =>
  createHash('sha256').update(String(now)).update(header).digest().readUInt32BE(0) % 100

/** What a forwarder that is trusted saw counts, where forwarding made the mail fail here. */
const vouchedFor = (
  dmarc: AuthenticationResults['dmarc'],
  author: Author,
  { sets }: Chain,
  { trustedSealers }: AuthenticationPolicy,
): AuthenticationResults['dmarc'] => {
  if ((dmarc.result !== 'fail' && dmarc.result !== 'temperror') || author.doubt !== null || dmarc.domain === null)
    return dmarc
  const set = vouchingSealer(sets, dmarc.domain, trustedSealers)
  if (set === null) return dmarc
  const text = `${dmarc.result} here, passed at ${set.sealer} (ARC, i=${set.instance})`
  return { ...dmarc, result: 'pass', explanation: text, sealer: set.sealer }
}
