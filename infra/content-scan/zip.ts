import { inflateRawSync } from 'node:zlib'

/**
 * ZIP as unpackers really read it: the members of the central directory, and those that only a local header names (some
 * programs never look at the directory). PKWARE APPNOTE 4.3.
 */
export interface ZipMember {
  /** In the directory and in the local header; they may differ. */
  readonly names: readonly string[]
  readonly packed: Buffer
  readonly method: number
  readonly encrypted: boolean
  /** Unpackers disagree about it: the directory does not list it, or says something else. */
  readonly disputed: boolean
}

const LOCAL = Buffer.from('PK\x03\x04', 'latin1')
const CENTRAL = 0x02014b50
const END = Buffer.from('PK\x05\x06', 'latin1')
const DIRECTORY_ENTRY = 46
const LOCAL_HEADER = 30
const ENCRYPTED_FLAG = 1
const DESCRIPTOR_FLAG = 8
const AES = 99

/** The end record, with at most 64 KiB of comment behind it. */
const TAIL = 65_535 + 22
/** APPNOTE 4.4.5. */
const METHODS = new Set([0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 14, 16, 18, 19, 20, 93, 94, 95, 96, 97, 98, AES])

/** Begins with a member, or ends as an archive does. */
export const isZip = (bytes: Buffer): boolean =>
  bytes.length > LOCAL_HEADER &&
  (bytes.compare(LOCAL, 0, 4, 0, 4) === 0 || bytes.subarray(Math.max(0, bytes.length - TAIL)).includes(END))

export interface ZipListing {
  readonly members: readonly ZipMember[]
  /** More members than were listed. */
  readonly cut: boolean
}

export function listZip(bytes: Buffer, maxMembers: number): ZipListing {
  const members: ZipMember[] = []
  const covered: [number, number][] = []
  let cut = false
  for (const entry of directory(bytes)) {
    if (members.length >= maxMembers) {
      cut = true
      break
    }
    const local = localAt(bytes, entry.offset)
    if (local === null) continue
    const dataEnd = Math.min(local.dataStart + entry.packedSize, bytes.length)
    covered.push([entry.offset, dataEnd])
    members.push({
      names: entry.name === local.name ? [entry.name] : [entry.name, local.name],
      packed: bytes.subarray(local.dataStart, dataEnd),
      method: entry.method,
      encrypted: entry.encrypted || local.encrypted,
      disputed: entry.name !== local.name || entry.method !== local.method,
    })
    if (local.method !== entry.method) {
      members.push({
        names: [local.name],
        packed: bytes.subarray(local.dataStart, dataEnd),
        method: local.method,
        encrypted: false,
        disputed: true,
      })
    }
  }
  covered.sort((a, b) => a[0] - b[0])
  let skip = 0
  for (let at = bytes.indexOf(LOCAL); at >= 0;) {
    while (skip < covered.length && covered[skip]![1] <= at) skip += 1
    const inside = covered[skip]
    if (inside !== undefined && at >= inside[0] && at < inside[1]) {
      at = bytes.indexOf(LOCAL, inside[1])
      continue
    }
    const local = localAt(bytes, at)
    if (local !== null) {
      if (members.length >= maxMembers) return { members, cut: true }
      const known = local.packedSize > 0 && !local.descriptor
      members.push({
        names: [local.name],
        packed: bytes.subarray(
          local.dataStart,
          known ? Math.min(local.dataStart + local.packedSize, bytes.length) : bytes.length,
        ),
        method: local.method,
        encrypted: local.encrypted,
        disputed: true,
      })
      at = bytes.indexOf(LOCAL, known ? Math.min(local.dataStart + local.packedSize, bytes.length) : local.dataStart)
    } else at = bytes.indexOf(LOCAL, at + 4)
  }
  return { members, cut }
}

export type Unpacked = { readonly bytes: Buffer } | { readonly problem: 'too-big' | 'damaged' | 'unsupported' }

/** Undoes one member's compression; at most `limit` bytes come out. */
export function unpackMember(member: ZipMember, limit: number): Unpacked {
  if (member.method === 0) return member.packed.length > limit ? { problem: 'too-big' } : { bytes: member.packed }
  if (member.method !== 8) return { problem: 'unsupported' }
  try {
    return { bytes: inflateRawSync(member.packed, { maxOutputLength: Math.max(limit, 1) }) }
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') return { problem: 'too-big' }
    return { problem: 'damaged' }
  }
}

interface Entry {
  readonly name: string
  readonly offset: number
  readonly packedSize: number
  readonly method: number
  readonly encrypted: boolean
}

function* directory(bytes: Buffer): Generator<Entry> {
  const end = bytes.lastIndexOf(END)
  if (end < 0 || end + 22 > bytes.length) return
  const size = bytes.readUInt32LE(end + 12)
  const offset = bytes.readUInt32LE(end + 16)
  // what stands in front of the archive (a self-extractor's program) shifts all offsets
  const start = end - size
  if (start < 0) return
  const shift = start - offset
  let at = start
  while (at + DIRECTORY_ENTRY <= end && bytes.readUInt32LE(at) === CENTRAL) {
    const flags = bytes.readUInt16LE(at + 8)
    const method = bytes.readUInt16LE(at + 10)
    const nameLength = bytes.readUInt16LE(at + 28)
    yield {
      name: nameOf(bytes, at + DIRECTORY_ENTRY, nameLength),
      offset: bytes.readUInt32LE(at + 42) + shift,
      packedSize: bytes.readUInt32LE(at + 20),
      method,
      encrypted: (flags & ENCRYPTED_FLAG) !== 0 || method === AES,
    }
    at += DIRECTORY_ENTRY + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
}

interface Local {
  readonly name: string
  readonly dataStart: number
  readonly packedSize: number
  readonly method: number
  readonly encrypted: boolean
  readonly descriptor: boolean
}

function localAt(bytes: Buffer, at: number): Local | null {
  if (at < 0 || at + LOCAL_HEADER > bytes.length || bytes.compare(LOCAL, 0, 4, at, at + 4) !== 0) return null
  const flags = bytes.readUInt16LE(at + 6)
  const method = bytes.readUInt16LE(at + 8)
  const nameLength = bytes.readUInt16LE(at + 26)
  const dataStart = at + LOCAL_HEADER + nameLength + bytes.readUInt16LE(at + 28)
  // the four bytes alone can stand anywhere
  if (dataStart > bytes.length || nameLength === 0 || !METHODS.has(method)) return null
  return {
    name: nameOf(bytes, at + LOCAL_HEADER, nameLength),
    dataStart,
    packedSize: bytes.readUInt32LE(at + 18),
    method,
    encrypted: (flags & ENCRYPTED_FLAG) !== 0 || method === AES,
    descriptor: (flags & DESCRIPTOR_FLAG) !== 0,
  }
}

const nameOf = (bytes: Buffer, start: number, length: number): string =>
  bytes.subarray(start, start + length).toString('utf8')
