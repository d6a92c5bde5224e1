import type { DetectedType } from '#domain/scoring/attachments'

/** What a file is by its first bytes, whatever its name says; null when nothing known. */
export function detectType(bytes: Buffer): DetectedType | null {
  if (bytes.length < 4) return null
  const head = bytes.toString('latin1', 0, 8)
  for (const [magic, type] of MAGIC) if (head.startsWith(magic)) return type
  if (head.startsWith('\xca\xfe\xba\xbe'))
    return bytes.length >= 8 && bytes.readUInt32BE(4) < 40 ? 'mach-o' : 'java-class'
  if (head.startsWith('PK\x03\x04') || head.startsWith('PK\x05\x06')) return zipType(bytes)
  if (bytes.length > 0x8006 && bytes.toString('latin1', 0x8001, 0x8006) === 'CD001') return 'disk-image'
  if (bytes.length > 262 && bytes.toString('latin1', 257, 262) === 'ustar') return 'tar'
  if (bytes.length >= 512 && bytes.toString('latin1', bytes.length - 512, bytes.length - 504) === 'conectix')
    return 'disk-image'
  return scriptType(bytes)
}

const MAGIC: readonly (readonly [string, DetectedType])[] = [
  ['MZ', 'windows-executable'],
  ['ZM', 'windows-executable'],
  ['\x7fELF', 'elf'],
  ['\xfe\xed\xfa\xce', 'mach-o'],
  ['\xfe\xed\xfa\xcf', 'mach-o'],
  ['\xce\xfa\xed\xfe', 'mach-o'],
  ['\xcf\xfa\xed\xfe', 'mach-o'],
  ['\x4c\x00\x00\x00\x01\x14\x02\x00', 'windows-shortcut'],
  ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'ole'],
  ['%PDF', 'pdf'],
  ['{\\rt', 'rtf'],
  ['Rar!\x1a\x07', 'rar'],
  ['7z\xbc\xaf\x27\x1c', '7z'],
  ['\x1f\x8b', 'gzip'],
  ['BZh', 'bzip2'],
  ['\xfd7zXZ', 'xz'],
  ['MSCF', 'cab'],
  ['ITSF', 'compiled-help'],
  ['vhdxfile', 'disk-image'],
  ['\x78\x9f\x3e\x22', 'tnef'],
  ['\x89PNG', 'image'],
  ['GIF8', 'image'],
  ['\xff\xd8\xff', 'image'],
]

function zipType(bytes: Buffer): DetectedType {
  const names =
    bytes.toString('latin1', 0, Math.min(bytes.length, 4_096)) +
    bytes.toString('latin1', Math.max(0, bytes.length - 4_096))
  if (names.includes('META-INF/MANIFEST.MF')) return 'java-archive'
  return names.includes('[Content_Types].xml') ? 'office-document' : 'zip'
}

/** Text that a double click would run. Only its beginning is looked at. */
function scriptType(bytes: Buffer): DetectedType | null {
  const text = bytes
    .toString('latin1', 0, 2_048)
    .replace(/^\xef\xbb\xbf/, '')
    .replaceAll('\0', '')
  if (/^#![ \t]*\/?[\w./-]/.test(text)) return 'script'
  if (/^\s*@echo (?:off|on)\b/i.test(text)) return 'script'
  if (/<hta:application/i.test(text)) return 'html-application'
  if (/^\s*(?:<\?xml[^>]*>\s*)?<(?:job|package|component)\b[^]*<script/i.test(text)) return 'script'
  return null
}
