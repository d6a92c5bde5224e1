/**
 * Whether the DNS can be asked for this name (RFC 1035 2.3.4): labels of 1 to 63 octets, 253 in all, printable ASCII
 * without a space or a backslash (c-ares reads `\` as an escape). Underscores and the like are fine: SPF macros make them.
 */
export const isAskableName = (name: string): boolean => {
  const bare = name.replace(/\.$/, '')
  if (bare.length === 0 || bare.length > 253 || !/^[\x21-\x5b\x5d-\x7e]+$/.test(bare)) return false
  return bare.split('.').every((label) => label.length > 0 && label.length <= 63)
}

const octets = (address: string): number[] => address.split('.').map(Number)

const nibblesOf = (address: string): string => {
  const [head = '', tail] = address.split('::')
  const groups = (part: string): string[] =>
    part === ''
      ? []
      : part.split(':').flatMap((group) => {
          if (!group.includes('.')) return [group.padStart(4, '0')]
          const [a = 0, b = 0, c = 0, d = 0] = octets(group)
          return [((a << 8) | b).toString(16).padStart(4, '0'), ((c << 8) | d).toString(16).padStart(4, '0')]
        })
  const front = groups(head)
  const back = tail === undefined ? [] : groups(tail)
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0000')
  return [...front, ...(tail === undefined ? [] : zeros), ...back].join('')
}

/** The name to ask PTR for (RFC 1035 3.5, RFC 3596 2.5). `address` must be a valid IPv4 or IPv6 address without a zone. */
export const reverseName = (address: string): string => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  const plain = mapped?.[1] ?? address
  return plain.includes(':')
    ? `${Array.from(nibblesOf(plain)).toReversed().join('.').toLowerCase()}.ip6.arpa`
    : `${octets(plain).toReversed().join('.')}.in-addr.arpa`
}
