import ipaddr from 'ipaddr.js'

/** Whether `address` lies in one of the CIDR `networks`; IPv4-mapped IPv6 counts as IPv4. */
export const isIn = (networks: readonly string[], address: string): boolean => {
  if (!ipaddr.isValid(address)) return false
  const client = ipaddr.process(address)
  return networks.some((network) => {
    const [range, bits] = ipaddr.parseCIDR(network)
    return range.kind() === client.kind() && client.match(range, bits)
  })
}
