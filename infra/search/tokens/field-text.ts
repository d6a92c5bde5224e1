import { plainNumber } from './numbers.ts'
import { stemIn } from './stems.ts'
import { chunks, LONGEST_WHOLE, LONGEST_WORD } from './words.ts'

/**
 * What an engine is given of a text: tokens divided by blanks, to be cut there and nowhere else. First the words in their order; behind them, once
 * each, what is found by itself: things written in one go (`=ann@example.org`), numbers (`=1234.5`), stems (`~invoic`).
 */
export const fieldText = (text: string, language: string): string => {
  const words: string[] = []
  const extras = new Set<string>()
  const seen = new Set<string>()
  const add = (token: string): void => {
    words.push(token)
    if (seen.has(token)) return
    seen.add(token)
    const stem = stemIn(language, token)
    if (stem !== null) extras.add(STEM + stem)
  }
  const addWhole = (whole: string): void => {
    for (const one of wholesOf(whole)) extras.add(WHOLE + one)
  }
  if (ASCII.test(text)) {
    // most mail is: the same words, found in a quicker way
    for (const chunk of text.toLowerCase().match(ASCII_CHUNK) ?? []) {
      if (!JOINT.test(chunk)) {
        add(chunk.length > LONGEST_WORD ? chunk.slice(0, LONGEST_WORD) : chunk)
        continue
      }
      for (const part of chunk.split(JOINT)) add(part.slice(0, LONGEST_WORD))
      if (chunk.length <= LONGEST_WHOLE && !seen.has(WHOLE + chunk)) {
        seen.add(WHOLE + chunk)
        addWhole(chunk)
      }
    }
  } else {
    for (const { words: parts, whole } of chunks(text)) {
      for (const { token } of parts) if (token !== '') add(token)
      if (whole !== null) addWhole(whole)
    }
  }
  for (const extra of extras) words.push(extra)
  return words.join(' ')
}

// oxlint-disable-next-line no-control-regex -- all of ASCII
const ASCII = /^[\0-\x7f]*$/
/** `chunks` of what is ASCII, in lower case. */
const ASCII_CHUNK = /[a-z0-9]+(?:[_.@'+/:&,=#%~-][a-z0-9]+)*/g
const JOINT = /[_.@'+/:&,=#%~-]/

export const WHOLE = '='
export const STEM = '~'

const ADDRESS =
  /[\p{L}\p{N}\p{M}][\p{L}\p{N}\p{M}_.+'-]*@[\p{L}\p{N}\p{M}][\p{L}\p{N}\p{M}-]*(?:\.[\p{L}\p{N}\p{M}-]+)*/gu

/** Under which names something written in one go is found. */
export function* wholesOf(whole: string): Generator<string> {
  const plain = plainNumber(whole)
  if (plain !== null) yield plain
  yield whole
  if (!whole.includes('@')) return
  for (const [address] of whole.matchAll(ADDRESS)) if (address.length <= LONGEST_WHOLE) yield address
}
