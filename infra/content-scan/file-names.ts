/**
 * Every file name that some mail program would show for a part, from its Content-Type and Content-Disposition fields: RFC 2045,
 * RFC 2047 (which does not belong there and is used all the same), RFC 2231 and what breaks them.
 */
export function fileNames(given: readonly string[]): string[] {
  const fields = given.slice(0, 16).map((field) => field.slice(0, MAX_FIELD))
  if (!fields.some((field) => /name/i.test(field) || field.includes('('))) return []
  const names = new Set<string>()
  const add = (name: string): void => {
    const shown = name.trim()
    if (shown !== '' && shown.length <= 1_000 && names.size < MAX_NAMES) names.add(shown)
  }
  const plain = fields.every((field) => PLAIN.test(field))
  for (const field of fields) for (const name of fromField(field, plain)) add(name)
  if (!plain) for (const name of segments(fields.join(';'))) add(name)
  // what is added meanwhile is looked at too: a decoded word can hold another
  for (const name of names) for (const decoded of decodeWords(name)) add(decoded)
  return [...names]
}

const MAX_NAMES = 100
/** Characters; the caller holds what is longer. */
const MAX_FIELD = 4_096
const MAX_VALUES = 40
const MAX_VALUE = 1_024
/** Nothing on which readers disagree. */
const PLAIN = /^[^;()\\'*%]*(?:;[ \t\r\n]*[\w-]+=(?:"[^"\\*%';()]*"|[^\s;"()\\'*%]*)[ \t]*)*;?\s*$/

function* fromField(field: string, plain: boolean): Generator<string> {
  for (const found of field.matchAll(/[;\s](?:file)?name=(?:"([^"]*)"|([^\s;"]+))/gi)) yield found[1] ?? found[2] ?? ''
  if (plain) return
  for (const text of new Set([
    field,
    field.replace(/\([^()]*\)/g, ''),
    field.replace(/\(.*?\)/g, ' '),
    field.replace(/\\(.)/g, '$1'),
  ])) {
    for (const found of text.matchAll(/name[^=;]{0,8}=\s*([^]*?)(?=;\s*[\w*()-]+\s*=|$)/gi).take(MAX_VALUES)) {
      yield* valueReadings(found[1]!.slice(0, MAX_VALUE))
    }
    yield* segments(text)
  }
}

/** One value with and without quotes, escapes, what is behind them, and what is behind a semicolon or blank. */
function* valueReadings(value: string): Generator<string> {
  const trimmed = value.trim()
  yield trimmed
  yield trimmed.replace(/^["']+|["';\s]+$/g, '')
  yield trimmed.replace(/["'\\]/g, '')
  yield trimmed.replace(/\\(.)/g, '$1').replace(/^"|"$/g, '')
  yield trimmed.split(/[;]/)[0]!.replace(/["']/g, '')
  yield trimmed.split(/\s/)[0]!.replace(/["';]/g, '')
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(trimmed)
  if (quoted !== null) yield quoted[1]!.replace(/\\(.)/g, '$1')
  yield /^["']?([^"';]*)/.exec(trimmed)![1]!
}

interface Segment {
  readonly index: number
  readonly value: string
}

/** RFC 2231 continuations: in order, as they come, with gaps, each alone, percent-decoded or not. */
function* segments(text: string): Generator<string> {
  const found: Segment[] = []
  for (const match of text.matchAll(/name\*(?:(\d{1,3})\*?)?\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/gi)) {
    const value = match[2] ?? match[3] ?? ''
    if (match[1] === undefined) yield* extended(value)
    else found.push({ index: Number(match[1]), value })
    if (found.length >= 64) break
  }
  if (found.length === 0) return
  const ordered = [...found].sort((a, b) => a.index - b.index)
  for (const list of [ordered, found, [...found].reverse()]) {
    yield* extended(list.map((segment) => segment.value).join(''))
    yield* extended(list.map((segment) => segment.value.replace(/^[^']*'[^']*'/, '')).join(''))
  }
  for (const segment of found) yield* extended(segment.value)
}

/** `charset'language'percent-encoded`, and the parts of it that sloppy readers take. */
function* extended(value: string): Generator<string> {
  const parts = /^([^']*)'[^']*'([^]*)$/.exec(value)
  const rest = parts?.[2] ?? value
  yield rest
  if (rest.includes('%')) {
    const bytes = Buffer.from(
      rest.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
      'latin1',
    )
    for (const charset of charsets(parts?.[1] ?? '')) yield decodeCharset(bytes, charset)
  }
}

/** RFC 2047 words decoded, once per byte order where that is open; nothing when there are none. */
function decodeWords(text: string): string[] {
  if (!text.includes('=?')) return []
  const joined = text.replace(/\?=\s+=\?/g, '?==?')
  return [0, 1].map((order) =>
    joined.replace(/=\?([^?\s]+)\?([bq])\?([^?]*)\?=/gi, (_, charset: string, kind: string, content: string) => {
      const list = charsets(charset)
      return decodeCharset(
        kind.toLowerCase() === 'b' ? Buffer.from(content, 'base64') : fromQ(content),
        list[order % list.length]!,
      )
    }),
  )
}

const fromQ = (content: string): Buffer =>
  Buffer.from(
    content
      .replaceAll('_', ' ')
      .replace(/=([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
    'latin1',
  )

/** UTF-16 without a mark is read in either order. */
const charsets = (name: string): string[] => {
  const lower = name.toLowerCase().replace(/\*.*$/, '')
  if (lower === 'utf-16' || lower === 'utf16') return ['utf-16be', 'utf-16le']
  return [lower === '' ? 'utf-8' : lower]
}

function decodeCharset(bytes: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    // an unknown charset: its ASCII still shows
    return bytes.toString('latin1')
  }
}
