import { plainNumber } from './numbers.ts'
import { stemIn } from './stems.ts'
import { chunks, LONGEST_WHOLE } from './words.ts'

/**
 * What an engine is given of a text: tokens divided by blanks, to be cut there and nowhere else. First the words in their order; behind them, once
 * each, what is found by itself: things written in one go (`=ann@example.org`), numbers (`=1234.5`), stems (`~invoic`).
 */
export const fieldText = (text: string, language: string): string => {
  const words: string[] = []
  const extras = new Set<string>()
  const seen = new Set<string>()
  for (const { words: parts, whole } of chunks(text)) {
    for (const { token } of parts) {
      if (token === '') continue
      words.push(token)
      if (seen.has(token)) continue
      seen.add(token)
      const stem = stemIn(language, token)
      if (stem !== null) extras.add(STEM + stem)
    }
    if (whole === null) continue
    for (const one of wholesOf(whole)) extras.add(WHOLE + one)
  }
  for (const extra of extras) words.push(extra)
  return words.join(' ')
}

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
