import { eld } from 'eld/extrasmall'

/** Letters of a text's beginning that tell its language. */
const SAMPLE = 140
/** Where nothing can be told. */
const USUAL = 'en'

/** The language that a mail is most likely written in (ISO 639-1), by the beginning of its text; quoted lines come last. */
export const languageOf = (text: string): string => {
  const beginning = text.slice(0, SAMPLE * 6)
  const own = beginning.replaceAll(/^[>|].*$/gm, '')
  const words = (LETTERS.test(own) ? own : beginning).replaceAll(NO_WORDS, ' ').slice(0, SAMPLE)
  return eld.detect(words).language || USUAL
}

const LETTERS = /\p{L}{2,}[^]*\p{L}{2,}/u
/** Addresses and numbers are of no language. */
const NO_WORDS = /\S*[@\d/]\S*|[^\p{L}\p{M}' ]+/gu
