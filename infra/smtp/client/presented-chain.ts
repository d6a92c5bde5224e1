import { X509Certificate } from 'node:crypto'
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'

/** Longer chains are cut. */
const MAXIMUM = 10

/** The server's certificate and those of its issuers, as it presented them (in whatever order). Not verified in any way. */
export const presentedChain = (socket: TLSSocket): X509Certificate[] => {
  const chain: X509Certificate[] = []
  const seen = new Set<DetailedPeerCertificate>()
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true)
  // No certificate is an empty object; one that issued itself is its own issuer.
  while (next?.raw !== undefined && !seen.has(next) && chain.length < MAXIMUM) {
    seen.add(next)
    chain.push(new X509Certificate(next.raw))
    next = next.issuerCertificate
  }
  return chain
}
