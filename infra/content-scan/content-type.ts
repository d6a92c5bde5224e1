import type { HeaderBlock } from './header.ts'

/** How a part declares itself, and whether every MIME reader would agree. */
export interface Declaration {
  /** `text/plain` when none is declared; lower case. */
  readonly type: string
  readonly declared: boolean
  readonly boundary: string | null
  readonly encoding: string
  /** Readers may disagree about the type or boundary. */
  readonly typeOdd: boolean
  /** Readers may disagree about the transfer encoding. */
  readonly encodingOdd: boolean
  /** Readers certainly disagree: contradicting fields. */
  readonly conflict: string | null
  /** Names may hide in another syntax than `name="x"`. */
  readonly nameFields: readonly string[]
  readonly attachment: boolean
}

const TYPE = /^[ \t]*([a-z0-9][a-z0-9.+_-]*)\/([a-z0-9][a-z0-9.+_-]*)[ \t]*/iy
const PARAMETER = /;[ \t]*([a-z0-9._-]+)=("(?:[^"\\\r\n])*"|[^\s;"'()\\,=?]+(?:=+)?)[ \t]*/iy
const PLAIN_ENCODINGS = new Set(['7bit', '8bit', 'binary', 'base64', 'quoted-printable', ''])
/** Read by some programs, and here. */
const OTHER_ENCODINGS = new Set(['x-yencode', 'yencode', 'x-gzip64', 'gzip64', 'x-base64', 'x-quoted-printable'])
/** What careless programs write for no encoding at all. */
const SLOPPY_ENCODINGS = new Set([
  '8-bit',
  '7-bit',
  '8bits',
  '7bits',
  '8 bit',
  '7 bit',
  'none',
  'plain',
  'text',
  'utf-8',
  'utf8',
  'us-ascii',
  'ascii',
  'iso-8859-1',
])
const UU_ENCODINGS = new Set(['uuencode', 'x-uuencode', 'x-uue', 'uue', 'x-uu'])
const KNOWN_TOP = new Set([
  'text',
  'image',
  'audio',
  'video',
  'application',
  'message',
  'multipart',
  'font',
  'model',
  'chemical',
])

export function describe(header: HeaderBlock): Declaration {
  const types = valuesOf(header, 'content-type')
  const encodings = valuesOf(header, 'content-transfer-encoding')
  const dispositions = valuesOf(header, 'content-disposition')
  const parsed = types.map(parseType)
  const first = parsed[0] ?? { type: 'text/plain', boundary: null, plain: true, boundaries: 0 }
  const names = encodings.map((value) => value.trim().toLowerCase())
  const encoding = names[0] ?? '7bit'
  let conflict: string | null = null
  const all = [types, encodings, dispositions]
  if (new Set(parsed.map((one) => `${one.type};${one.boundary ?? ''}`)).size > 1)
    conflict = 'several Content-Type fields that contradict each other'
  else if (new Set(names).size > 1) conflict = 'several Content-Transfer-Encoding fields that contradict each other'
  else if (
    !PLAIN_ENCODINGS.has(encoding) &&
    ![OTHER_ENCODINGS, SLOPPY_ENCODINGS, UU_ENCODINGS].some((known) => known.has(encoding))
  )
    conflict = `an unknown transfer encoding: ${encoding.slice(0, 40)}`
  else if (first.boundaries > 1) conflict = 'several boundaries'
  else if (all.some((values) => values.length >= MAX_FIELDS || values.some((value) => value.length >= MAX_FIELD)))
    conflict = 'a MIME field that is too long, or too many of them'
  return {
    type: first.type,
    declared: types.length > 0,
    boundary: first.boundary,
    encoding,
    typeOdd: types.length > 1 || !first.plain,
    encodingOdd: encodings.length > 1 || !PLAIN_ENCODINGS.has(encoding),
    conflict,
    nameFields: [...types, ...dispositions],
    attachment: dispositions.some((value) => /attachment/i.test(value)),
  }
}

export const isUuencoding = (encoding: string): boolean => UU_ENCODINGS.has(encoding)

const MAX_FIELD = 4_096
const MAX_FIELDS = 8

/** Long or many ones are cut: see `conflict`. */
const valuesOf = (header: HeaderBlock, name: string): string[] =>
  header.fields
    .filter((field) => field.name === name)
    .slice(0, MAX_FIELDS)
    .map((field) => field.value.slice(0, MAX_FIELD))

function parseType(value: string): { type: string; boundary: string | null; plain: boolean; boundaries: number } {
  TYPE.lastIndex = 0
  const type = TYPE.exec(value)
  if (type === null)
    return { type: looseType(value), boundary: looseBoundary(value), plain: value.trim() === '', boundaries: 0 }
  const top = type[1]!.toLowerCase()
  let at = TYPE.lastIndex
  const boundaries: string[] = []
  for (;;) {
    PARAMETER.lastIndex = at
    const found = PARAMETER.exec(value)
    if (found === null) break
    at = PARAMETER.lastIndex
    if (found[1]!.toLowerCase() === 'boundary')
      boundaries.push(found[2]!.startsWith('"') ? found[2]!.slice(1, -1) : found[2]!)
  }
  const rest = value.slice(at).replace(/[;\s]+$/, '')
  const full = `${top}/${type[2]!.toLowerCase()}`
  const wellFormed = rest === ''
  const known = KNOWN_TOP.has(top) || (top.startsWith('x-') && !top.includes('multi'))
  const about = wellFormed
    ? boundaries.length > 0 !== (top === 'multipart')
    : /boundary|multipart/i.test(value) || top === 'multipart'
  return {
    type: full,
    boundary: boundaries[0] ?? (top === 'multipart' ? looseBoundary(value) : null),
    plain: known && !about && boundaries.length < 2,
    boundaries: new Set(boundaries).size,
  }
}

const looseType = (value: string): string =>
  /([a-z0-9.+-]+\/[a-z0-9.+-]+)/i.exec(value)?.[1]?.toLowerCase() ??
  (value.trim().split(/[;\s]/)[0] ?? '').toLowerCase()

const looseBoundary = (value: string): string | null => {
  const found = /boundary\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(value)
  return found === null ? null : (found[1] ?? found[2] ?? null)
}
