import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseQuery } from '#domain/archive/query/parse'
import { isQueryProblem } from '#domain/archive/query/query'
import { soughtBy, type Sought } from '../sought.ts'
import { fieldText } from './field-text.ts'
import { fold } from './fold.ts'
import { languageOf } from './language.ts'
import { plainNumber } from './numbers.ts'
import { chunks } from './words.ts'

/** Whether a query finds a text: as an engine would with one field. */
const finds = (query: string, text: string, language = languageOf(text)): boolean => {
  const parsed = parseQuery(query)
  if (isQueryProblem(parsed)) throw new Error(parsed.sentence)
  const tokens = fieldText(text, language).split(' ')
  const isMet = (sought: Sought): boolean => {
    switch (sought.is) {
      case 'and':
        return sought.of.every(isMet)
      case 'or':
      case 'forms':
        return sought.of.some(isMet)
      case 'not':
        return !isMet(sought.of)
      case 'token':
        return tokens.includes(sought.token)
      case 'beginning':
        return tokens.some((token) => token.startsWith(sought.of))
      case 'phrase':
        return tokens.some((_, at) => sought.tokens.every((token, step) => tokens[at + step] === token))
      default:
        throw new Error(`no text: ${sought.is}`)
    }
  }
  return isMet(soughtBy(parsed, () => []))
}

describe('what is found', () => {
  it.each<[string, string]>([
    // case, accents, width
    ['resume', 'The Résumés of all'],
    ['RÉSUMÉ', 'a resume'],
    ['strasse', 'In der Straße 5'],
    ['smorrebrod', 'Smørrebrød'],
    ['istanbul', 'İSTANBUL'],
    ['ABC', 'ＡＢＣ'],
    ['λογος', 'ΛΌΓΟΣ'],
    ['еж', 'ёж'],
    // other forms of a word, in the mail's language
    ['running', 'we run every day'],
    ['run', 'they were running home yesterday'],
    ['invoice', 'please find the invoices attached to this mail'],
    ['rechnung', 'anbei die Rechnungen für den Monat März'],
    ['facture', 'voici les factures pour le mois de mars'],
    ['отчет', 'пришлите пожалуйста отчёты за март'],
    // one after the other
    ['"end of march"', 'By the end of March, please.'],
    ['"東京 tower"', 'in 東京 Tower'],
    // beginnings
    ['invoi*', 'the invoices'],
    ['résu*', 'Resumé'],
    ['ann.smi*', 'write to ann.smith@example.org'],
    ['invoice-20*', 'see invoice-2026_03.pdf'],
    // addresses whole and by part
    ['ann.smith@example.org', 'From: <Ann.Smith@EXAMPLE.org>, and so on'],
    ['smith', 'ann.smith@example.org'],
    ['example.org', 'ann.smith@mail.example.org'],
    ['ann.smith', 'ann.smith@example.org'],
    ['ann@example.org', 'mailto:ann@example.org'],
    ['http://www.example.org/path', 'see http://www.example.org/path/more'],
    // numbers whole and by part
    ['1234', 'a total of 1,234.00 or 1,234 USD'],
    ['1,234', 'exactly 1234 of them'],
    ['1234.50', 'EUR 1.234,50'],
    ['1.234,50', 'USD 1,234.50'],
    ['0174', 'phone 713/365-0174'],
    ['713-365-0174', 'phone 713/365-0174'],
    ["o'brien", 'Mrs O’Brien'],
    ['e-mail', 'an e-mail'],
    // scripts that need no blanks
    ['東京', '私は東京都に住んでいます'],
    ['京都', '私は東京都に住んでいます'],
    ['都', '東京都'],
    ['京', '東京都'],
    ['住んで', '私は東京都に住んでいます'],
    ['"東京都に"', '私は東京都に住んでいます'],
    ['회의', '내일 회의가 있습니다'],
    ['ประชุม', 'การประชุมวันพรุ่งนี้'],
    ['2026年', '会議は2026年3月です'],
    ['カ', 'カタカナ'],
    // Indic scripts keep their vowels
    ['नमस्ते', 'नमस्ते दुनिया'],
    ['தமிழ்', 'இது தமிழ் மொழி'],
    ['বাংলা', 'আমার বাংলা ভাষা'],
    // Arabic without its pointing, Hebrew without its
    ['كتاب', 'كِتَابٌ جديد'],
    ['שלום', 'שָׁלוֹם'],
  ])('%s in: %s', (query, text) => {
    expect(finds(query, text)).toBe(true)
  })

  it.each<[string, string]>([
    ['"running"', 'we run every day'],
    ['"march of"', 'By the end of March'],
    ['ann@example.org', 'joann@example.org or mary-ann@example.org or ann@example.org.uk'],
    ['run', 'the runway'],
    ['京東', '東京都'],
    ['नमस्', 'नमस्ते दुनिया'],
    ['1234', '1,235 and 12345'],
    ['std', 'last day'],
  ])('%s is not in: %s', (query, text) => {
    expect(finds(query, text)).toBe(false)
  })

  const texts = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.string({ unit: fc.constantFrom(..."aB1éß東京のกา ̈.@-, '’नमस्ते한국\u200d"), maxLength: 40 }),
  )
  it('any word of any text, any two next to each other, and any beginning of two letters', () => {
    fc.assert(
      fc.property(texts, fc.nat(), (text, which) => {
        const words = text.split(/[\s"“”()]+/).filter((word) => /[\p{L}\p{N}]/u.test(word))
        const [word, next] = [words[which % Math.max(1, words.length)], words[(which % Math.max(1, words.length)) + 1]]
        for (const sought of word === undefined ? [] : next === undefined ? [word] : [word, `${word} ${next}`]) {
          const escaped = sought.replaceAll(/["\\]/g, '\\$&')
          // what stands between two words of a query need not be what stands between them here
          expect([text, escaped, finds(`"${escaped}"`, text)]).toEqual([text, escaped, true])
        }
      }),
      { seed: 11, numRuns: 2_000 },
    )
  })

  it('tokens are cut at blanks and nowhere else, and places are within the text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        for (const token of fieldText(text, 'en')
          .split(' ')
          .filter((one) => one !== '')) {
          expect(token).toMatch(/^[=~]?[^\s"]+$/u)
          expect(token.length).toBeLessThanOrEqual(140)
        }
        for (const { words } of chunks(text))
          for (const { start, end } of words) expect(0 <= start && start < end && end <= text.length).toBe(true)
      }),
      { seed: 12, numRuns: 2_000 },
    )
  })

  it('are the same, whether all of a text is ASCII or not', () => {
    const ascii = fc.string({ unit: fc.constantFrom(..."aB9zZ .@-_/:,'&=#%~+ \n<>!x1"), maxLength: 80 })
    fc.assert(
      fc.property(ascii, (text) => {
        // a word in another script at the end has the text read the other way
        const other = fieldText(`${text} ж`, 'en').split(' ')
        expect(other.filter((token) => token !== 'ж').join(' ')).toBe(fieldText(text, 'en'))
      }),
      { seed: 14, numRuns: 2_000 },
    )
  })

  it('folding twice is folding once', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(fold(fold(text))).toBe(fold(text))
      }),
      { seed: 13, numRuns: 5_000 },
    )
  })
})

it.each([
  ['1,234', '1234'],
  ['1,234,567.89', '1234567.89'],
  ["1'234.5", '1234.5'],
  ['12.5', '12.5'],
  ['12,5', '12.5'],
  ['1,23,4', null],
  ['10.1.2.3', null],
  ['2026-03-01', null],
])('%s is the number %s', (text, expected) => {
  expect(plainNumber(text)).toBe(expected)
})
