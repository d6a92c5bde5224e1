import type { DetectedType } from '#domain/scoring/attachments'
import { members } from '../archive.ts'
import { detectType } from '../file-type.ts'
import { isTar } from '../tar.ts'
import { isTnef } from '../tnef.ts'
import { isZip } from '../zip.ts'
import { charsetIn, decodeText } from './charset.ts'
import type { Gathering } from './gathering.ts'
import { HTML, markupText, XML } from './markup.ts'
import { officeDocument, readOffice } from './office.ts'
import { readPdf } from './pdf.ts'
import type { FileType } from './port.ts'

/** A file in a mail, decoded. */
export interface File {
  readonly bytes: Buffer
  /** As people see it; '' where it has none. */
  readonly name: string
  /** Content-Type, lower case; null inside archives. */
  readonly declaredType: string | null
  readonly charset: string | null
  readonly path: string
  readonly depth: number
}

/** Reads a whole mail that is attached. */
export type MailReader = (bytes: Buffer, path: string, depth: number) => Promise<void>

const MEDIA = /\.(?:mp3|mp4|m4a|wav|ogg|avi|mov|mkv|webm|flac|ttf|otf|woff2?)$/i
const IMAGE = /\.(?:png|jpe?g|gif|bmp|tiff?|webp|heic|svg|ico|psd)$/i
const WEB_PAGE = /\.(?:html?|xhtml)$/i
const TEXT = /\.(?:txt|csv|tsv|md|log|ics|vcf|json|ya?ml|ini|conf|sql|tex|rst|srt|eml|patch|diff)$/i
const PROGRAMS: readonly (DetectedType | null)[] = [
  'windows-executable',
  'elf',
  'mach-o',
  'java-class',
  'java-archive',
  'html-application',
  'windows-shortcut',
  'compiled-help',
]
/** Kinds that hold text which is not read here. */
const CLOSED: Readonly<Partial<Record<DetectedType, readonly [FileType, string]>>> = {
  rtf: ['document', 'rich text (RTF) is not read'],
  rar: ['archive', 'RAR archives are not read'],
  '7z': ['archive', '7z archives are not read'],
  bzip2: ['archive', 'bzip2 files are not read'],
  xz: ['archive', 'xz files are not read'],
  cab: ['archive', 'cabinet files are not read'],
  'disk-image': ['archive', 'disk images are not read'],
}

/** Puts a file's text with the mail's, and says what kind of file it is. */
export const readFile = async (file: File, gathering: Gathering, readMail: MailReader): Promise<FileType> => {
  const { bytes, path } = file
  const type = detectType(bytes)
  if (type === 'pdf') {
    await readPdf(bytes, path, gathering)
    return 'pdf'
  }
  const closed = type === null ? undefined : CLOSED[type]
  if (closed !== undefined) {
    gathering.cannotRead(path, closed[1])
    return closed[0]
  }
  if (type === 'ole') return ole(file, gathering)
  if (type === 'image' || (file.declaredType ?? '').startsWith('image/') || IMAGE.test(file.name)) return 'image'
  if (/^(?:audio|video|font)\//.test(file.declaredType ?? '') || MEDIA.test(file.name)) return 'media'
  if (PROGRAMS.includes(type)) return 'program'
  if (type === 'zip' || type === 'office-document') {
    const document = officeDocument(bytes)
    if (document !== null) {
      readOffice(document, path, gathering)
      return document.type
    }
  }
  if (type === 'gzip' || isTar(bytes) || isTnef(bytes) || (type !== null && isZip(bytes))) {
    await readArchive(file, type, gathering, readMail)
    return 'archive'
  }
  return readAsText(file, gathering)
}

/** MS-CFB: Office before 2007, or an encrypted document of today (MS-OFFCRYPTO), or an Outlook item. */
const ole = ({ bytes, name, path }: File, gathering: Gathering): FileType => {
  const isEncrypted = bytes.includes(Buffer.from('EncryptedPackage', 'utf16le'))
  gathering.cannotRead(path, isEncrypted ? 'the document is encrypted' : 'files of Office before 2007 are not read')
  if (/\.(?:xls|xlsx|xlsm|xlsb)$/i.test(name)) return 'spreadsheet'
  if (/\.(?:ppt|pptx|pps)$/i.test(name)) return 'presentation'
  return /\.msg$/i.test(name) ? 'mail' : 'document'
}

const readArchive = async (
  file: File,
  type: DetectedType | null,
  gathering: Gathering,
  readMail: MailReader,
): Promise<void> => {
  const { walk } = gathering
  const known = walk.findings.length
  for (const member of members(file.bytes, type, file.path, walk)) {
    if (member.disputed) continue
    const name = member.names[0] ?? ''
    const path = `${file.path}/${name}`
    gathering.attached.add(name)
    const depth = file.depth + 1
    if (member.bytes.length === 0) continue
    if (!gathering.part(path, depth)) break
    if (/\.eml$/i.test(name)) await readMail(member.bytes, path, depth)
    else
      await readFile({ bytes: member.bytes, name, declaredType: null, charset: null, path, depth }, gathering, readMail)
  }
  for (const { part, detail } of walk.findings.slice(known)) gathering.cannotRead(part, detail)
}

const readAsText = ({ bytes, name, declaredType, charset, path }: File, gathering: Gathering): FileType => {
  const isPage = declaredType === 'text/html' || WEB_PAGE.test(name)
  const claims = isPage || (declaredType ?? '').startsWith('text/') || TEXT.test(name)
  if (!claims && !looksLikeText(bytes)) {
    gathering.cannotRead(path, 'a kind of file that is not known here')
    return 'other'
  }
  // four bytes a character at most
  const cut = bytes.subarray(0, (gathering.limits.maxText + 1) * 4)
  const text = isPage ? pageText(cut, charset, gathering) : plainText(cut, charset, gathering)
  if (!gathering.attached.add(text)) gathering.cannotRead(path, 'the text is too long, its end was not read')
  return isPage ? 'web-page' : 'text'
}

export const pageText = (bytes: Buffer, charset: string | null, gathering: Gathering): string =>
  markupText(
    decodeText(bytes, charset ?? charsetIn(bytes.toString('latin1', 0, 1_024))),
    HTML,
    (length) => length > gathering.limits.maxText || gathering.isLate,
  )

const plainText = (bytes: Buffer, charset: string | null, gathering: Gathering): string => {
  const text = decodeText(bytes, charset)
  return /^\s*<\?xml\b/.test(text)
    ? markupText(text, XML, (length) => length > gathering.limits.maxText || gathering.isLate)
    : text
}

/** No control characters in its beginning but those of lines; UTF-16 says so by its mark. */
const looksLikeText = (bytes: Buffer): boolean => {
  if (/^(?:\xff\xfe|\xfe\xff)/.test(bytes.toString('latin1', 0, 2))) return true
  for (const byte of bytes.subarray(0, 4_096)) if (byte < 0x20 && (byte < 9 || byte > 13) && byte !== 0x1b) return false
  return true
}
