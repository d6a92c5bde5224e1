/**
 * A word as it is compared: without case, accents, pointing and width (NFKD less its marks, as far as they are not letters of their own: those
 * of Indic scripts and of kana stay). Characters that mean nothing in a word go.
 */
export const fold = (word: string): string => {
  if (ASCII.test(word)) return word.toLowerCase()
  return word
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    .replace(ACCENTS, '')
    .normalize('NFC')
    .replace(LETTERS_WITHOUT_ACCENT, (letter) => PLAIN[letter]!)
    .replace(NO_PART_OF_A_WORD, '')
}

// oxlint-disable-next-line no-control-regex -- all of ASCII
const ASCII = /^[\0-\x7f]*$/
/** Latin, Greek and Cyrillic accents (the breve of й is none); Hebrew and Arabic pointing, the tatweel. */
const ACCENTS =
  /(?<!и)\u0306|[\u0300-\u0305\u0307-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0640]/g
const PLAIN: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ħ: 'h',
  ı: 'i',
  ŋ: 'n',
  ς: 'σ',
  أ: 'ا',
  إ: 'ا',
  آ: 'ا',
  ى: 'ي',
}
const LETTERS_WITHOUT_ACCENT = new RegExp(`[${Object.keys(PLAIN).join('')}]`, 'g')
const NO_PART_OF_A_WORD = /[^\p{L}\p{N}\p{M}]/gu
