import ipaddr from 'ipaddr.js'

type Network = [range: ipaddr.IPv4 | ipaddr.IPv6, bits: number]

interface Known {
  readonly networks: readonly Network[]
  /** What was asked lately: a client's address is asked about with every command. */
  readonly answers: Map<string, boolean>
}

const MAX_ANSWERS = 1_000

/** A policy's list is read once, not with every command of every client. */
const known = new WeakMap<readonly string[], Known>()

const readOnce = (networks: readonly string[]): Known => {
  const before = known.get(networks)
  if (before !== undefined) return before
  const read = { networks: networks.map((network): Network => ipaddr.parseCIDR(network)), answers: new Map() }
  known.set(networks, read)
  return read
}

/** Whether `address` lies in one of the CIDR `networks`; IPv4-mapped IPv6 counts as IPv4. */
export const isIn = (networks: readonly string[], address: string): boolean => {
  const { answers, networks: read } = readOnce(networks)
  const before = answers.get(address)
  if (before !== undefined) return before
  const answer = lies(read, address)
  if (answers.size >= MAX_ANSWERS) answers.clear()
  answers.set(address, answer)
  return answer
}

const lies = (networks: readonly Network[], address: string): boolean => {
  if (!ipaddr.isValid(address)) return false
  const client = ipaddr.process(address)
  return networks.some(([range, bits]) => range.kind() === client.kind() && client.match(range, bits))
}
