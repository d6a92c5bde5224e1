import { checkServerIdentity, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { daneMismatch } from './dane.ts'
import { presentedChain } from './presented-chain.ts'
import type { DaneTls, MtaStsTls, SmtpTarget, Transport } from './port.ts'

/** What a target asks of TLS. */
export interface TlsDemand {
  /** Without TLS, or when it fails, in plain. */
  readonly plainAllowed: boolean
  /** Why plain is not allowed, as the start of a sentence. */
  readonly reason: string
  readonly options: ConnectionOptions
  /** After the handshake, before anything is said: what is wrong with the other side; null: nothing. */
  readonly check: (socket: TLSSocket) => string | null
  /** What a connection that came about was held to. */
  readonly verifiedBy: Transport['verifiedBy']
  /** What there is to remark of TLS that came about, and of plain, `why` it is plain. */
  readonly afterwards: (socket: TLSSocket) => string | null
  readonly inPlain: (why: string) => string
}

const nothing = (): null => null
const asItIs = (why: string): string => why

/** null: no TLS. */
export const demandOf = ({ at, tls }: Pick<SmtpTarget, 'at' | 'tls'>): TlsDemand | null => {
  const named = 'host' in at ? { servername: at.host, host: at.host } : {}
  const base = { check: nothing, afterwards: nothing, inPlain: asItIs, verifiedBy: null }
  const verified = { rejectUnauthorized: true, ...named }
  const unverified = { rejectUnauthorized: false, ...named }
  switch (tls) {
    case 'off':
      return null
    case 'opportunistic':
      return { ...base, plainAllowed: true, reason: 'TLS is welcome', options: unverified }
    case 'required':
      return { ...base, plainAllowed: false, reason: 'TLS is required', options: unverified }
    case 'verify': {
      const reason = 'TLS is required with a valid certificate'
      return { ...base, plainAllowed: false, reason, options: verified, verifiedBy: 'certificate' }
    }
  }
  return tls.by === 'dane' ? byDane(tls) : byMtaSts(tls, named)
}

const byMtaSts = ({ mode }: MtaStsTls, named: ConnectionOptions): TlsDemand => {
  // The name must be a DNS-ID (RFC 8461 4.1): Node would take a common name where there is none.
  const identity: ConnectionOptions['checkServerIdentity'] = (host, certificate) =>
    /(?:^|, )DNS:/.test(certificate.subjectaltname ?? '')
      ? checkServerIdentity(host, certificate)
      : new Error(`the certificate names no DNS name, so not ${host}`)
  const options = { ...named, checkServerIdentity: identity, rejectUnauthorized: mode === 'enforce' }
  if (mode === 'enforce')
    return {
      plainAllowed: false,
      reason: 'MTA-STS requires TLS with a valid certificate',
      options,
      check: nothing,
      verifiedBy: 'mta-sts',
      afterwards: nothing,
      inPlain: asItIs,
    }
  const failed = (why: string): string => `MTA-STS, were it enforced, would have failed: ${why}`
  return {
    plainAllowed: true,
    reason: 'TLS is welcome',
    options,
    check: nothing,
    verifiedBy: null,
    afterwards: ({ authorized, authorizationError }) => (authorized ? null : failed(String(authorizationError))),
    inPlain: failed,
  }
}

const byDane = (dane: DaneTls): TlsDemand => ({
  plainAllowed: false,
  reason: 'DANE requires TLS with a certificate that matches a TLSA record',
  options: { rejectUnauthorized: false, servername: dane.base, host: dane.base },
  check: (socket) => daneMismatch(dane, presentedChain(socket), Date.now()),
  verifiedBy: 'dane',
  afterwards: nothing,
  inPlain: asItIs,
})
