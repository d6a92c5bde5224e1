import { fold } from './fold.ts'

/** One place in a text that can be found. Offsets are in UTF-16 units of the text as it was given. */
export interface Word {
  /** Folded. */
  readonly token: string
  readonly start: number
  readonly end: number
  /** Last letter of a run of a script that needs no blanks: see `runOf`. */
  readonly closesRun: boolean
}

/** What is written in one go: its words, and itself when it is more than one: an address, a number, a file's name. */
export interface Chunk {
  readonly words: readonly Word[]
  /** Folded, its joints as written; null: it is one word. */
  readonly whole: string | null
}

/** Longer words are cut there: nobody types more. UTF-16 units. */
export const LONGEST_WORD = 64
export const LONGEST_WHOLE = 128

/** Letters and digits, joined by single signs that people write within one thing. */
const CHUNK = /[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}]|\u200c|\u200d|\u00ad|[_.@'’+/:&,=#%~-](?=[\p{L}\p{N}]))*/gu
const JOINT = /[_.@'’+/:&,=#%~-]/
const PART = /[^_.@'’+/:&,=#%~-]+/g
/** Scripts whose words are not divided by blanks, and Hangul, whose are, with endings at them. */
const UNDIVIDED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー][\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{M}ー]*/gu
// oxlint-disable-next-line no-control-regex -- all of Latin-1 and what else is divided for sure
const DIVIDED = /^[\0-\u0dff]*$/

export function* chunks(text: string): Generator<Chunk> {
  for (const found of text.matchAll(CHUNK)) {
    const [chunk] = found
    if (!JOINT.test(chunk)) {
      yield { words: wordsOf(chunk, found.index), whole: null }
      continue
    }
    const words: Word[] = []
    for (const part of chunk.matchAll(PART)) words.push(...wordsOf(part[0], found.index + part.index))
    yield { words, whole: chunk.length <= LONGEST_WHOLE ? wholeOf(chunk) : null }
  }
}

/** As `Chunk.whole`, of a text that is known to be one thing. */
export const wholeOf = (text: string): string => text.replaceAll(PART, (part) => fold(part)).replaceAll('’', "'")

const wordsOf = (part: string, at: number): Word[] => {
  if (DIVIDED.test(part)) return [word(part, at)]
  const words: Word[] = []
  let end = 0
  for (const run of part.matchAll(UNDIVIDED)) {
    if (run.index > end) words.push(word(part.slice(end, run.index), at + end))
    words.push(...runOf(run[0], at + run.index))
    end = run.index + run[0].length
  }
  if (end < part.length) words.push(word(part.slice(end), at + end))
  return words.filter(({ token }) => token !== '')
}

const word = (part: string, start: number): Word => ({
  token: fold(part).slice(0, LONGEST_WORD),
  start,
  end: start + part.length,
  closesRun: false,
})

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })

/**
 * Where no blanks divide words, each letter with the next one is a word, and the last letter one by itself: every stretch of letters, wherever
 * its words begin and end, is then found as words next to each other.
 */
const runOf = (run: string, at: number): Word[] => {
  const letters = [...graphemes.segment(run)]
  return letters.map(({ segment, index }, which) => {
    const next = letters[which + 1]
    return {
      token: fold(segment + (next?.segment ?? '')),
      start: at + index,
      end: at + index + segment.length + (next?.segment.length ?? 0),
      closesRun: next === undefined,
    }
  })
}
