import { alternatives, brokenBody } from './alternatives.ts'
import { members } from './archive.ts'
import { describe, isUuencoding, type Declaration } from './content-type.ts'
import { fileNames } from './file-names.ts'
import { detectType } from './file-type.ts'
import { readHeader } from './header.ts'
import { DEFAULT_CONTENT_LIMITS, type ContentLimits } from './limits.ts'
import { hasDelimiters, splitParts } from './multipart.ts'
import type { AmbiguityKind, ContentPart, ContentReader, ContentReading } from './port.ts'
import { decodeQuotedPrintable } from './quoted-printable.ts'
import { mayHoldTextFiles, textFiles } from './text-encodings.ts'
import { decodeTransfer } from './transfer-encoding.ts'
import { Walk } from './walk.ts'

/** A reader of messages within `limits`; it holds no state between messages. */
export function contentReader(limits: ContentLimits = DEFAULT_CONTENT_LIMITS): ContentReader {
  return (message): ContentReading => {
    const walk = new Walk(limits)
    const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength)
    return {
      parts: readWhole(bytes, walk),
      findings: walk.findings,
      attachments: walk.attachments,
      ambiguities: walk.ambiguities,
    }
  }
}

function* readWhole(bytes: Buffer, walk: Walk): Generator<ContentPart> {
  if (bytes.length > walk.limits.maxMessageBytes) {
    walk.finding('too-large', '', `${bytes.length} bytes are more than ${walk.limits.maxMessageBytes}`)
    return
  }
  yield* readMessage(bytes, { path: '', depth: 0, kind: 'verbatim' }, walk)
}

/** Where in the message something stands, and how its bytes came about. */
interface Place {
  readonly path: string
  readonly depth: number
  readonly kind: ContentPart['kind']
}

const inside = (place: Place, step: string | number, kind: ContentPart['kind'] = place.kind): Place => ({
  path: place.path === '' ? String(step) : `${place.path}/${step}`,
  depth: place.depth + 1,
  kind,
})

/** A message as it declares itself, and when that is open to doubt, as others may read it. */
function* readMessage(bytes: Buffer, place: Place, walk: Walk): Generator<ContentPart> {
  const doubts: Doubts = { any: false }
  yield* readEntity(bytes, place, walk, doubts)
  if (!doubts.any) return
  for (const other of alternatives(bytes, place.path, walk)) {
    const at = inside(place, 'other', 'alternative')
    if (!walk.isNew(other.bytes, at.path, true)) continue
    if (!walk.part(at.path)) return
    yield* readFile(
      other.bytes,
      at,
      {
        names: other.names,
        declaredType: null,
        offered: other.names.length > 0,
        message: other.mayBeMessage && looksLikeMessage(other.bytes),
      },
      walk,
    )
  }
}

interface Doubts {
  any: boolean
}

function* readEntity(bytes: Buffer, place: Place, walk: Walk, doubts: Doubts): Generator<ContentPart> {
  if (!walk.enter(place.depth, place.path) || !walk.part(place.path)) return
  const header = readHeader(bytes)
  const declared = describe(header)
  const body = bytes.subarray(header.bodyStart)
  const doubt = (what: AmbiguityKind): void => {
    doubts.any = true
    walk.ambiguous(what, place.path)
  }
  if (header.odd) doubt('header')
  if (declared.typeOdd) doubt('content-type')
  if (declared.encodingOdd && !isUuencoding(declared.encoding)) doubt('content-encoding')
  if (declared.conflict !== null) walk.finding('malformed', place.path, declared.conflict)
  if (declared.type.startsWith('multipart/') && declared.boundary !== null && declared.boundary !== '') {
    if (declared.encoding === 'base64' || declared.encoding === 'quoted-printable') doubt('content-encoding')
    const multipart = splitParts(body, declared.boundary, walk.limits.maxParts)
    if (multipart.cut) walk.finding('bomb', place.path, `more than ${walk.limits.maxParts} parts`)
    if (multipart.odd || (multipart.parts.length === 0 && body.length > 0)) doubt('boundary')
    for (const [index, span] of multipart.parts.entries()) {
      yield* readEntity(body.subarray(span.start, span.end), inside(place, index + 1), walk, doubts)
    }
    return
  }
  if (declared.type.startsWith('multipart')) doubt('boundary')
  if (declared.type === 'message/partial') walk.finding('malformed', place.path, 'a fragment of a message')
  yield* readLeaf(body, declared, place, walk, doubt)
}

function* readLeaf(
  body: Buffer,
  declared: Declaration,
  place: Place,
  walk: Walk,
  doubt: (what: AmbiguityKind) => void,
): Generator<ContentPart> {
  if (!declared.declared && hasDelimiters(body)) doubt('undeclared-parts')
  const names = fileNames(declared.nameFields)
  const file: FileClaim = {
    names,
    declaredType: declared.type,
    offered: names.length > 0 || declared.attachment || !/^(?:text|message)\//.test(declared.type),
    message: declared.type.startsWith('message/') && declared.type !== 'message/delivery-status',
  }
  const { bytes, broken } = decodeTransfer(body, declared.encoding)
  const decoded = bytes !== body
  if (decoded && !walk.decoded(bytes.length, place.path)) return
  yield* readFile(bytes, decoded && place.kind === 'verbatim' ? { ...place, kind: 'decoded' } : place, file, walk)
  if (declared.encoding === 'quoted-printable' && detectType(bytes) !== null) {
    // a file whose line feeds were written as line breaks: whole again where mail is kept with LF alone
    const kept = decodeQuotedPrintable(Buffer.from(body.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')).bytes
    if (!kept.equals(bytes) && walk.isNew(kept, place.path, true) && walk.part(place.path))
      yield* readFile(kept, { ...place, kind: 'alternative' }, file, walk)
  }
  if (!broken) return
  const what = declared.encoding === 'base64' ? 'base64' : 'quoted-printable'
  // a line of dashes may be a delimiter that others obey: then it is the structure that is open
  if (body.indexOf('\n--') >= 0 || body.indexOf('\r--') >= 0) return doubt(what)
  walk.ambiguous(what, place.path)
  for (const other of brokenBody(body, declared.encoding, place.path, walk)) {
    if (!walk.isNew(other, place.path, true)) continue
    if (!walk.part(place.path)) return
    yield* readFile(other, { ...place, kind: 'alternative' }, file, walk)
  }
}

interface FileClaim {
  readonly names: readonly string[]
  readonly declaredType: string | null
  /** A reader would show it as a file. */
  readonly offered: boolean
  /** It is a mail itself. */
  readonly message: boolean
}

/** One decoded file: itself, then what is in it. */
function* readFile(bytes: Buffer, place: Place, claim: FileClaim, walk: Walk): Generator<ContentPart> {
  const type = detectType(bytes)
  if (claim.offered || (type !== null && type !== 'image' && type !== 'script')) {
    walk.attachments.push({
      names: claim.names,
      declaredType: claim.declaredType,
      detectedType: type,
      size: bytes.length,
      path: place.path,
    })
  }
  const isFile = type !== null || (claim.offered && place.kind !== 'alternative')
  if (bytes.length > 0) yield { path: place.path, bytes, kind: place.kind, isFile, type }
  if (claim.message || (claim.offered && place.kind !== 'alternative' && isMailFile(bytes, claim.names)))
    yield* readMessage(bytes, inside(place, 'message'), walk)
  if (mayHoldTextFiles(bytes)) {
    for (const file of textFiles(bytes)) {
      const at = inside(place, file.name, 'decoded')
      if (!walk.enter(at.depth, at.path) || !walk.part(at.path) || !walk.decoded(file.bytes.length, at.path)) return
      yield* readFile(
        file.bytes,
        at,
        { names: file.name === '' ? [] : [file.name], declaredType: null, offered: true, message: false },
        walk,
      )
    }
  }
  for (const member of members(bytes, type, place.path, walk)) {
    const at = inside(place, member.names[0] ?? '', member.disputed ? 'alternative' : 'unpacked')
    if (!walk.enter(at.depth, at.path) || !walk.part(at.path)) return
    yield* readFile(
      member.bytes,
      at,
      { names: member.names.filter((name) => name !== ''), declaredType: null, offered: true, message: false },
      walk,
    )
  }
}

/** A saved mail: mail programs open it as they do an attached one, whatever its declared type. */
const isMailFile = (bytes: Buffer, names: readonly string[]): boolean =>
  names.some((name) => /\.(?:eml|mht|mhtml|nws)$/i.test(name)) ||
  (looksLikeMessage(bytes) && /\ncontent-(?:type|transfer-encoding):/i.test(bytes.toString('latin1', 0, 8_192)))

const looksLikeMessage = (bytes: Buffer): boolean =>
  /^\s{0,4}(?:--|content-|from:|to:|received:|from |return-path:|date:|message-id:|mime-version:|subject:)/i.test(
    bytes.toString('latin1', 0, 64),
  )
