/** Base64 (RFC 2045 6.8) as written by those who follow the RFC, and all the ways in which others read what breaks it. */

/** The one reading of well-formed base64; null when readers would disagree. */
export const decodeBase64 = (text: string): Buffer | null =>
  isClean(text) && hasEvenLines(text) ? Buffer.from(text, 'base64') : null

/** Digits and line breaks, then at most two `=`. Two searches: one pattern for all of it would backtrack. */
function isClean(text: string): boolean {
  const end = text.search(/[^A-Za-z0-9+/\r\n \t]/)
  return end < 0 || /^={1,2}[\r\n \t]*$/.test(text.slice(end))
}

/** True when every line but the last is whole groups of four: some drop or restart at what is left of a line. */
function hasEvenLines(text: string): boolean {
  let uneven = false
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf('\n', at)
    const end = newline < 0 ? text.length : newline
    let length = end - at
    if (length > 0 && text.charCodeAt(end - 1) === 13) length -= 1
    if (length > 0) {
      if (uneven) return false
      if (length % 4 !== 0) uneven = true
    }
    at = end + 1
  }
  return true
}

const SMALL = 1024 * 1024
const MAX_BREAKS = 65_536

/** True for a long text that is broken in so many places that reading it in every way would take too much memory. */
export function isTooBroken(text: string): boolean {
  if (text.length <= SMALL) return false
  let breaks = 0
  let digits = 0
  for (let at = 0; at < text.length && breaks <= MAX_BREAKS; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 10) {
      if (digits % 4 !== 0) breaks += 1
      digits = 0
    } else if (
      (code >= 48 && code <= 57) ||
      (code >= 65 && code <= 90) ||
      (code >= 97 && code <= 122) ||
      code === 43 ||
      code === 47
    )
      digits += 1
    else if (code !== 13 && code !== 32 && code !== 9) breaks += 1
  }
  return breaks > MAX_BREAKS
}

/** Every reading of broken base64, most likely first. */
export function* base64Readings(text: string): Generator<Buffer> {
  const lines = text.split(/[\r\n]+/)
  const kept = text.replace(/[^A-Za-z0-9+/=]/g, '')
  const firstPad = kept.indexOf('=')
  yield decode(firstPad < 0 ? kept : kept.slice(0, firstPad))
  const cut = /^[A-Za-z0-9+/=\s]*/.exec(text)![0]
  yield decode(cut)
  yield* unevenLines(lines)
  if (firstPad >= 0 && firstPad < kept.length - 2) yield* paddedInside(kept, lines)
  if (kept.length < text.length && /[^A-Za-z0-9+/=\s]/.test(text)) yield* withJunk(text, lines)
}

const decode = (text: string): Buffer => Buffer.from(text.replace(/[^A-Za-z0-9+/]/g, ''), 'base64')
const decodePadded = (text: string): Buffer => {
  const kept = text.replace(/[^A-Za-z0-9+/=]/g, '')
  const pad = kept.indexOf('=')
  return Buffer.from(pad < 0 ? kept : kept.slice(0, pad), 'base64')
}

/** Some decode line by line, or drop what is left of a line whose length is no multiple of four. */
function* unevenLines(lines: readonly string[]): Generator<Buffer> {
  if (lines.every((line, index) => line.length % 4 === 0 || index === lines.length - 1)) return
  yield Buffer.concat(lines.map(decodePadded))
  yield decode(lines.map((line) => line.slice(0, line.length - (line.length % 4))).join(''))
  yield decode(lines.filter((line) => line.length % 4 === 0).join(''))
}

/** Groups of four; a run of whole ones stays together. */
const groupsOf = (text: string): string[] => text.match(/(?:[A-Za-z0-9+/]{4}){1,4096}|[^]{1,4}/g) ?? []

/** `=` in the middle: skipped, an end of a chunk, a zero, or padding of its group of four. */
function* paddedInside(kept: string, lines: readonly string[]): Generator<Buffer> {
  yield decode(kept)
  yield Buffer.concat(kept.split(/=+/).map((chunk) => Buffer.from(chunk, 'base64')))
  const groups = groupsOf(kept)
  yield Buffer.concat(groups.map(decode))
  yield Buffer.concat(groups.map(decodePadded))
  yield Buffer.from(kept.replaceAll('=', 'A'), 'base64')
  yield decode(groups.filter((group) => !group.includes('=')).join(''))
  yield Buffer.concat(lines.map(decodePadded))
  yield decode(lines.filter((line) => !line.startsWith('=')).join(''))
  yield Buffer.concat(lines.flatMap((line) => groupsOf(line).map(decode)))
}

/** Characters outside the alphabet: a URL-safe digit, a comment up to the line's end, the end of the content, or a whole line of junk. */
function* withJunk(text: string, lines: readonly string[]): Generator<Buffer> {
  yield decodePadded(text.replaceAll('-', '+').replaceAll('_', '/'))
  yield decode(lines.map((line) => /^[A-Za-z0-9+/=]*/.exec(line.trim())![0]).join(''))
  yield decode(lines.filter((line) => /^[A-Za-z0-9+/=\s]*$/.test(line)).join(''))
  yield decode(lines.map((line) => line.replace(/^[^]*[^A-Za-z0-9+/=\s]/, '')).join(''))
  yield decodePadded(text.replace(/[^A-Za-z0-9+/=\s]/g, 'A'))
  yield Buffer.concat(text.split(/[^A-Za-z0-9+/=\s]+/).map(decodePadded))
}
