import { gunzipSync } from 'node:zlib'
import type { DetectedType } from '#domain/scoring/attachments'
import { isTar, tarMembers } from './tar.ts'
import { isTnef, tnefFiles } from './tnef.ts'
import type { Walk } from './walk.ts'
import { isZip, listZip, unpackMember } from './zip.ts'

export interface ArchiveMember {
  readonly names: readonly string[]
  readonly bytes: Buffer
  /** Not every unpacker would find it. */
  readonly disputed: boolean
}

const MAX_MEMBERS = 2_000
const NOTHING = Buffer.alloc(0)

/** What an archive holds, as far as the limits allow; what can't be opened becomes a finding. */
export function* members(bytes: Buffer, type: DetectedType | null, path: string, walk: Walk): Generator<ArchiveMember> {
  // unpackers go by the end of the file: an archive can hang on a program or picture
  if (isZip(bytes)) yield* zipMembers(bytes, path, walk)
  switch (type) {
    case 'gzip':
      return yield* gzipMember(bytes, path, walk)
    case 'rar':
      if (isEncryptedRar(bytes)) walk.finding('encrypted', path, 'an encrypted RAR archive')
      return
    case '7z':
      // the header of a 7z with hidden names is itself encrypted: 06 f1 07 01 is its AES coder
      if (bytes.indexOf('\x06\xf1\x07\x01', 32, 'latin1') >= 0)
        walk.finding('encrypted', path, 'an encrypted 7z archive')
      return
    default:
      if (isTar(bytes)) {
        for (const member of tarMembers(bytes)) yield { names: [member.name], bytes: member.bytes, disputed: false }
      } else if (isTnef(bytes)) {
        for (const file of tnefFiles(bytes)) yield { names: [file.name], bytes: file.bytes, disputed: false }
      }
  }
}

function* zipMembers(bytes: Buffer, path: string, walk: Walk): Generator<ArchiveMember> {
  const listing = listZip(bytes, MAX_MEMBERS)
  if (listing.cut) walk.finding('bomb', path, `more than ${MAX_MEMBERS} members`)
  for (const member of listing.members) {
    const at = `${path}/${member.names[0] ?? ''}`
    // not everyone looks for an archive behind something else
    const disputed = member.disputed || bytes[0] !== 0x50
    if (member.encrypted) {
      walk.finding('encrypted', at, 'an encrypted member of a ZIP archive')
      yield { names: member.names, bytes: NOTHING, disputed }
      continue
    }
    const limit = Math.max(0, walk.unpackable)
    const unpacked = unpackMember(member, limit)
    if ('bytes' in unpacked) {
      if (!walk.unpacked(unpacked.bytes.length, member.packed.length, at)) return
      yield { names: member.names, bytes: unpacked.bytes, disputed }
      continue
    }
    if (unpacked.problem === 'too-big') walk.finding('bomb', at, 'unpacks to more than may be unpacked')
    else
      walk.finding(
        'malformed',
        at,
        unpacked.problem === 'damaged'
          ? 'a damaged member of a ZIP archive'
          : `ZIP method ${member.method} can't be unpacked here`,
      )
    yield { names: member.names, bytes: NOTHING, disputed }
    if (unpacked.problem === 'too-big') return
  }
}

function* gzipMember(bytes: Buffer, path: string, walk: Walk): Generator<ArchiveMember> {
  try {
    const content = gunzipSync(bytes, { maxOutputLength: Math.max(1, walk.unpackable) })
    if (walk.unpacked(content.length, bytes.length, path))
      yield { names: [gzipName(bytes)], bytes: content, disputed: false }
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE')
      walk.finding('bomb', path, 'unpacks to more than may be unpacked')
    else walk.finding('malformed', path, 'a damaged gzip file')
  }
}

/** The original file's name (RFC 1952 2.3), when it is there. */
function gzipName(bytes: Buffer): string {
  if (bytes.length < 12 || (bytes[3]! & 8) === 0 || (bytes[3]! & 4) !== 0) return ''
  const end = bytes.indexOf(0, 10)
  return end < 0 || end > 300 ? '' : bytes.toString('latin1', 10, end)
}

/** RAR 4: the archive's or its first file's flag; RAR 5: an encryption header first. */
function isEncryptedRar(bytes: Buffer): boolean {
  if (bytes.length < 32) return false
  if (bytes[6] === 0) {
    if ((bytes.readUInt16LE(10) & 0x80) !== 0) return true
    const first = 7 + bytes.readUInt16LE(12)
    return first + 5 < bytes.length && bytes[first + 2] === 0x74 && (bytes.readUInt16LE(first + 3) & 4) !== 0
  }
  return bytes[13] === 4
}
