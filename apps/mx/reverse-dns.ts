import ipaddr from 'ipaddr.js'
import type { EdgeCheck } from '#domain/mail/events'
import type { DnsResolver } from '#infra/dns/port'
import { isTemporary } from './name-checks.ts'

const MAX_NAMES = 5

/**
 * Forward-confirmed reverse DNS: the PTR names of `address`, the first of which resolves back to it.
 * An answer that didn't come is `temperror`, never `fail`.
 */
export const lookUpClientName = async (
  dns: DnsResolver,
  address: string,
): Promise<{ name: string | null; check: EdgeCheck }> => {
  const result = (name: string | null, outcome: EdgeCheck['result'], detail: string | null) => ({
    name,
    check: { check: 'reverse-dns', result: outcome, detail },
  })
  if (!ipaddr.isValid(address)) return result(null, 'none', 'no IP address')
  const ip = ipaddr.process(address)
  const pointer = await dns.query(reverseName(ip), 'PTR')
  if (isTemporary(pointer)) return result(null, 'temperror', `PTR: ${pointer.outcome}`)
  let temporary = false
  for (const record of pointer.records.slice(0, MAX_NAMES)) {
    const name = String(record).toLowerCase()
    const forward = await dns.query(name, ip.kind() === 'ipv4' ? 'A' : 'AAAA')
    if (isTemporary(forward)) temporary = true
    if (
      forward.records.some(
        (answer) => ipaddr.isValid(String(answer)) && ipaddr.process(String(answer)).toString() === ip.toString(),
      )
    )
      return result(name, 'pass', name)
  }
  return temporary
    ? result(null, 'temperror', 'the name could not be confirmed now')
    : result(
        null,
        'fail',
        pointer.records.length === 0 ? 'no PTR' : `${String(pointer.records[0])} does not resolve back`,
      )
}

const reverseName = (ip: ipaddr.IPv4 | ipaddr.IPv6): string =>
  ip.kind() === 'ipv4'
    ? `${ip.toByteArray().reverse().join('.')}.in-addr.arpa`
    : `${ip
        .toByteArray()
        .map((byte) => byte.toString(16).padStart(2, '0'))
        .join('')
        .split('')
        .reverse()
        .join('.')}.ip6.arpa`
