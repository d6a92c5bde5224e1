import type { FileType } from './port.ts'
import { listZip, unpackMember, type ZipMember } from '../zip.ts'
import type { Gathering } from './gathering.ts'
import { markupText, type MarkupRules } from './markup.ts'

/** A document of Office Open XML (ISO 29500) or OpenDocument (ISO 26300): a ZIP whose members are XML. */
export interface OfficeDocument {
  readonly type: FileType
  readonly isEncrypted: boolean
  /** Those with text, in the order of pages. */
  readonly members: readonly { readonly member: ZipMember; readonly rules: MarkupRules }[]
}

const MAX_MEMBERS = 5_000
const MAX_MEMBER_BYTES = 32 * 1024 * 1024
const NOTHING = new Set<string>()

const WORD: MarkupRules = {
  xml: true,
  inside: new Set(['w:t', 'w:delText']),
  without: NOTHING,
  lines: new Set(['w:p', 'w:br', 'w:cr']),
  gaps: new Set(['w:tab']),
  attributes: NOTHING,
}
const SHEET: MarkupRules = {
  xml: true,
  inside: new Set(['t', 'v']),
  without: new Set(['rPh']),
  lines: new Set(['si', 'c', 'comment']),
  gaps: NOTHING,
  attributes: NOTHING,
}
const WORKBOOK: MarkupRules = { ...SHEET, inside: NOTHING, lines: new Set(['sheet']), attributes: new Set(['name']) }
const SLIDE: MarkupRules = {
  xml: true,
  inside: new Set(['a:t', 'p:text']),
  without: NOTHING,
  lines: new Set(['a:p', 'a:br', 'p:cm']),
  gaps: NOTHING,
  attributes: NOTHING,
}
const OPEN_DOCUMENT: MarkupRules = {
  xml: true,
  inside: new Set(['office:body', 'office:master-styles']),
  without: new Set(['office:scripts']),
  lines: new Set(['text:p', 'text:h', 'text:line-break']),
  gaps: new Set(['text:tab', 'text:s']),
  attributes: NOTHING,
}

const KINDS: readonly {
  readonly sign: RegExp
  readonly type: FileType
  readonly parts: readonly (readonly [RegExp, MarkupRules])[]
}[] = [
  {
    sign: /^word\/document/,
    type: 'document',
    parts: [[/^word\/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\d*\.xml$/, WORD]],
  },
  {
    sign: /^xl\/workbook/,
    type: 'spreadsheet',
    parts: [
      [/^xl\/workbook\.xml$/, WORKBOOK],
      [/^xl\/(?:sharedStrings|comments\d*|comments\/comment\d*|worksheets\/sheet\d*)\.xml$/, SHEET],
    ],
  },
  {
    sign: /^ppt\/presentation/,
    type: 'presentation',
    parts: [[/^ppt\/(?:slides\/slide|notesSlides\/notesSlide|comments\/comment)\d*\.xml$/, SLIDE]],
  },
]

/** By what the `mimetype` member of an OpenDocument says. */
const OPEN_DOCUMENT_TYPES: readonly (readonly [RegExp, FileType])[] = [
  [/opendocument\.spreadsheet/, 'spreadsheet'],
  [/opendocument\.presentation/, 'presentation'],
  [/opendocument\./, 'document'],
]

/** null: it is a ZIP, and none of these. */
export const officeDocument = (bytes: Buffer): OfficeDocument | null => {
  const { members } = listZip(bytes, MAX_MEMBERS)
  const named = new Map(members.filter(({ disputed }) => !disputed).map((member) => [member.names[0] ?? '', member]))
  const mimetype = named.get('mimetype')
  const says = mimetype === undefined ? '' : textOf(mimetype, 200)
  const open = OPEN_DOCUMENT_TYPES.find(([sign]) => sign.test(says))
  if (open !== undefined) {
    const manifest = named.get('META-INF/manifest.xml')
    const isEncrypted = manifest !== undefined && textOf(manifest, MAX_MEMBER_BYTES).includes('encryption-data')
    const content = ['content.xml', 'styles.xml'].flatMap((name) => named.get(name) ?? [])
    return { type: open[1], isEncrypted, members: content.map((member) => ({ member, rules: OPEN_DOCUMENT })) }
  }
  const names = [...named.keys()].sort(byPage)
  const kind = KINDS.find(({ sign }) => names.some((name) => sign.test(name)))
  if (kind === undefined) return null
  const parts = kind.parts.flatMap(([pattern, rules]) =>
    names.filter((name) => pattern.test(name)).map((name) => ({ member: named.get(name)!, rules })),
  )
  return { type: kind.type, isEncrypted: parts.some(({ member }) => member.encrypted), members: parts }
}

/** slide2 before slide10. */
const byPage = (one: string, other: string): number => one.localeCompare(other, 'en', { numeric: true })

const textOf = (member: ZipMember, limit: number): string => {
  const unpacked = unpackMember(member, limit)
  return 'bytes' in unpacked ? unpacked.bytes.toString('utf8') : ''
}

export const readOffice = ({ isEncrypted, members }: OfficeDocument, path: string, gathering: Gathering): void => {
  if (isEncrypted) return gathering.cannotRead(path, 'the document is encrypted')
  const { attached, walk } = gathering
  for (const { member, rules } of members) {
    if (attached.isFull || gathering.isLate) break
    const unpacked = unpackMember(member, Math.min(MAX_MEMBER_BYTES, Math.max(0, walk.unpackable)))
    if (!('bytes' in unpacked)) {
      gathering.cannotRead(
        path,
        unpacked.problem === 'too-big' ? 'the document is too large' : 'the document is damaged',
      )
      return
    }
    if (!walk.unpacked(unpacked.bytes.length, member.packed.length, path)) return
    const text = markupText(
      unpacked.bytes.toString('utf8'),
      rules,
      (length) => length > gathering.limits.maxText || gathering.isLate,
    )
    if (!attached.add(text)) gathering.cannotRead(path, 'the text is too long, its end was not read')
  }
  if (members.length === 0) gathering.cannotRead(path, 'the document is damaged')
}
