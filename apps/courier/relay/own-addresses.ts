import { networkInterfaces } from 'node:os'
import ipaddr from 'ipaddr.js'

/** Where this process listens for mail. */
export interface OwnListener {
  readonly address: string
  readonly port: number
}

/** Whether what listens at this address and port is ourselves. The machine's addresses are looked at when a listener has all of them. */
export const isOurs = (listeners: readonly OwnListener[], address: string, port: number): boolean => {
  const asked = plain(address)
  return listeners.some(
    (listener) =>
      listener.port === port &&
      (plain(listener.address) === asked || (isEvery(listener.address) && ofThisMachine().has(asked))),
  )
}

/**
 * Why mail is not relayed to this address unless policy lets it: the name of its range (RFC 6890, RFC 4193: `private`, `loopback`,
 * `linkLocal`, `uniqueLocal`, `carrierGradeNat` ...); null: it is a public one.
 */
export const nonPublicRange = (address: string): string | null => {
  const range = ipaddr.isValid(address) ? ipaddr.process(address).range() : 'unknown'
  // Addresses that NAT64 makes (RFC 6052) lead to the public IPv4 Internet.
  return range === 'unicast' || range === 'rfc6052' ? null : range
}

const plain = (address: string): string => (ipaddr.isValid(address) ? ipaddr.process(address).toString() : address)

const isEvery = (address: string): boolean => address === '0.0.0.0' || address === '::'

const LOOKED_AT_FOR_MS = 60_000
let machine = { addresses: new Set<string>(), until: 0 }

const ofThisMachine = (): ReadonlySet<string> => {
  const now = performance.now()
  if (now >= machine.until) {
    const addresses = Object.values(networkInterfaces()).flatMap((all) =>
      (all ?? []).map(({ address }) => plain(address)),
    )
    machine = { addresses: new Set([...addresses, '127.0.0.1', '::1']), until: now + LOOKED_AT_FOR_MS }
  }
  return machine.addresses
}
