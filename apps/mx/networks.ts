import ipaddr from 'ipaddr.js'

type Network = [range: ipaddr.IPv4 | ipaddr.IPv6, bits: number]

/** A policy's list is read once, not with every command of every client. */
const parsed = new WeakMap<readonly string[], readonly Network[]>()

const networksOf = (networks: readonly string[]): readonly Network[] => {
  const known = parsed.get(networks)
  if (known !== undefined) return known
  const read = networks.map((network): Network => ipaddr.parseCIDR(network))
  parsed.set(networks, read)
  return read
}

/** Whether `address` lies in one of the CIDR `networks`; IPv4-mapped IPv6 counts as IPv4. */
export const isIn = (networks: readonly string[], address: string): boolean => {
  if (!ipaddr.isValid(address)) return false
  const client = ipaddr.process(address)
  return networksOf(networks).some(([range, bits]) => range.kind() === client.kind() && client.match(range, bits))
}
