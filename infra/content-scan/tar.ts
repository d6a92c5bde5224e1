/** Members of a tar archive (POSIX ustar and its forerunners). */
export interface TarMember {
  readonly name: string
  readonly bytes: Buffer
}

const BLOCK = 512

export const isTar = (bytes: Buffer): boolean => bytes.length >= BLOCK && bytes.toString('latin1', 257, 262) === 'ustar'

export function* tarMembers(bytes: Buffer): Generator<TarMember> {
  let longName: string | null = null
  for (let at = 0; at + BLOCK <= bytes.length;) {
    const header = bytes.subarray(at, at + BLOCK)
    const size = Number.parseInt(header.toString('latin1', 124, 136).replace(/[^0-7]/g, ''), 8)
    const type = header.toString('latin1', 156, 157)
    if (Number.isNaN(size) || header[0] === 0) {
      at += BLOCK
      continue
    }
    const content = bytes.subarray(at + BLOCK, Math.min(at + BLOCK + size, bytes.length))
    if (type === 'L') longName = text(content)
    else {
      const prefix = text(header.subarray(345, 500))
      const name = longName ?? (prefix === '' ? '' : `${prefix}/`) + text(header.subarray(0, 100))
      longName = null
      if (content.length > 0) yield { name, bytes: content }
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
}

const text = (bytes: Buffer): string => {
  const end = bytes.indexOf(0)
  return bytes.subarray(0, end < 0 ? bytes.length : end).toString('utf8')
}
