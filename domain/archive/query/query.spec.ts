import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseQuery } from './parse.ts'
import { period } from './period.ts'
import { printQuery } from './print.ts'
import { isQueryProblem, QUERY_LIMITS, TEXT_FIELDS, type Condition, type Query } from './query.ts'

const runs = { seed: 20_260_501, numRuns: 2_000 }
const word = (text: string): Query => ({ is: 'text', field: null, form: 'word', text })
const not = (of: Query): Query => ({ is: 'not', of })
const problemOf = (text: string): string => {
  const answer = parseQuery(text)
  if (!isQueryProblem(answer)) throw new Error(`a query after all: ${JSON.stringify(answer)}`)
  return answer.sentence
}

describe('a query', () => {
  it('takes words next to each other as AND, which binds closer than OR', () => {
    expect(parseQuery('a1 b1 OR c1 AND d1')).toEqual({
      is: 'or',
      of: [
        { is: 'and', of: [word('a1'), word('b1')] },
        { is: 'and', of: [word('c1'), word('d1')] },
      ],
    })
    expect(parseQuery('a1 (b1 OR c1)')).toEqual({
      is: 'and',
      of: [word('a1'), { is: 'or', of: [word('b1'), word('c1')] }],
    })
  })

  it('takes NOT and a minus sign in front for the same', () => {
    const expected = { is: 'and', of: [word('a1'), not(word('b1')), not({ is: 'or', of: [word('c1'), word('d1')] })] }
    expect(parseQuery('a1 -b1 NOT (c1 OR d1)')).toEqual(expected)
    expect(parseQuery('a1 NOT b1 -(c1 OR d1)')).toEqual(expected)
    expect(parseQuery('on-line')).toEqual(word('on-line'))
  })

  it('asks for everything when it is empty', () => {
    expect(parseQuery('  ')).toEqual({ is: 'everything' })
  })

  it.each<[string, Condition]>([
    ['"to be  paid"', { is: 'text', field: null, form: 'phrase', text: 'to be  paid' }],
    ['“in quotes”', { is: 'text', field: null, form: 'phrase', text: 'in quotes' }],
    [String.raw`"a \"b\" c"`, { is: 'text', field: null, form: 'phrase', text: 'a "b" c' }],
    ['invoi*', { is: 'text', field: null, form: 'prefix', text: 'invoi' }],
    ['http://example.org/a:b', { is: 'text', field: null, form: 'word', text: 'http://example.org/a:b' }],
    ['From:ann@example.org', { is: 'text', field: 'from', form: 'word', text: 'ann@example.org' }],
    ['subject: "the end"', { is: 'text', field: 'subject', form: 'phrase', text: 'the end' }],
    ['filename:pdf*', { is: 'text', field: 'filename', form: 'prefix', text: 'pdf' }],
    ['has:attachment', { is: 'attachment' }],
    ['in:sent', { is: 'role', role: 'sent' }],
    ['unreadable:true', { is: 'unreadable', unreadable: true }],
    ['account:Ann@EXAMPLE.org', { is: 'account', account: 'Ann@example.org' }],
    ['before:2001-03', { is: 'date', when: 'before', value: '2001-03' }],
    ['on:2001-03-02t10:00z', { is: 'date', when: 'on', value: '2001-03-02T10:00Z' }],
    ['larger:1.5M', { is: 'size', than: 'larger', bytes: 1_572_864 }],
    ['smaller:10kb', { is: 'size', than: 'smaller', bytes: 10_240 }],
    ['message-id:<a-b@c.example>', { is: 'message-id', messageId: 'a-b@c.example' }],
    ['thread:01JABC', { is: 'thread', of: '01JABC' }],
  ])('knows %s', (text, expected) => {
    expect(parseQuery(text)).toEqual(expected)
  })

  it.each([
    ['"never', 'at character 1: this quotation mark is never closed'],
    ['a1 (b1 OR c1', 'at character 4: this ( is never closed'],
    ['a1 b1)', 'at character 6: this ) closes nothing'],
    ['a1 OR', 'at character 6: a word or filter is missing after OR'],
    ['OR a1', 'at character 1: a word or filter is missing in front of this'],
    ['a1 OR OR b1', 'at character 7: a word or filter is missing after OR'],
    ['NOT', 'at character 4: a word or filter is missing after NOT'],
    ['()', 'at character 2: a word or filter is missing after ('],
    ['a1 !!!', 'at character 4: there is no letter or digit in "!!!" that could be looked for'],
    ['a*', 'at character 1: "a*" is the beginning of too many words: write at least 2 letters before the *'],
    ['from:', 'at character 6: what from: is to be is missing'],
    ['in:both', 'at character 4: "both" is not possible here: sent or received'],
    ['account:ann', 'at character 9: "ann" is no address of an account'],
    ['on:2001-02-29', 'at character 4: "2001-02-29" is no date: write 2026, 2026-03, 2026-03-25 or 2026-03-25T14:30Z'],
    ['larger:big', 'at character 8: "big" is no size: write bytes, or 500k, 5M, 1G'],
  ])('says of %s what is wrong, and where', (text, expected) => {
    expect(problemOf(text)).toBe(expected)
  })

  it('names the filters there are', () => {
    expect(problemOf('x1 form:ann')).toMatch(
      /^at character 4: there is no filter form: \(there are from, to, .*thread\)/,
    )
  })

  it('is bounded in length, depth and conditions', () => {
    expect(problemOf('a'.repeat(QUERY_LIMITS.length + 1))).toContain('at most 4096 characters')
    expect(problemOf(`${'('.repeat(21)}a1${')'.repeat(21)}`)).toBe(
      'at character 21: parentheses and NOTs are nested more than 20 deep',
    )
    expect(problemOf('-('.repeat(2_000))).toContain('nested more than 20 deep')
    expect(problemOf(Array.from({ length: 101 }, () => 'a1').join(' '))).toContain('at most 100 words and filters')
    expect(parseQuery(Array.from({ length: 100 }, () => 'a1').join(' '))).toMatchObject({ is: 'and' })
  })

  const value = fc.stringMatching(/^[a-z0-9ä東][^\s()"“”]{0,8}[^*\s()"“”]$/u).filter((text) => !/[:*-]/.test(text))
  const text: fc.Arbitrary<Condition> = fc.record({
    is: fc.constant('text'),
    field: fc.constantFrom(null, ...TEXT_FIELDS),
    form: fc.constantFrom('word', 'phrase'),
    text: value,
  })
  const phrase: fc.Arbitrary<Condition> = fc
    .string({ unit: 'grapheme', maxLength: 20 })
    .map((text) => ({ is: 'text', field: null, form: 'phrase', text: `x${text}y` }))
  const condition: fc.Arbitrary<Condition> = fc.oneof(
    text,
    phrase,
    value.map((text): Condition => ({ is: 'text', field: 'subject', form: 'prefix', text: `${text}ab` })),
    fc.constantFrom<Condition>(
      { is: 'attachment' },
      { is: 'role', role: 'sent' },
      { is: 'unreadable', unreadable: true },
    ),
    fc.constantFrom<Condition>({ is: 'account', account: '"a b"@example.org' }, { is: 'thread', of: 'a "b" \\@c' }),
    fc.record({
      is: fc.constant('date'),
      when: fc.constantFrom('before', 'after', 'on'),
      value: fc.constantFrom('1999', '2001-03', '2026-05-01', '2026-05-01T10:00:00+02:00'),
    }),
    fc
      .record({ is: fc.constant('size'), than: fc.constantFrom('larger', 'smaller'), bytes: fc.maxSafeNat() })
      .filter(({ bytes }) => bytes < 1e15),
  )
  const { query } = fc.letrec<{ query: Query }>((tie) => ({
    query: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      condition,
      fc.record({ is: fc.constant('not'), of: tie('query') }),
      fc
        .record({ is: fc.constantFrom('and', 'or'), of: fc.array(tie('query'), { minLength: 2, maxLength: 4 }) })
        .map(({ is, of }): Query => ({ is, of: of.flatMap((part) => (part.is === is ? part.of : [part])) })),
    ),
  }))

  it('is the same query when it is printed and read again', () => {
    fc.assert(
      fc.property(query, (query) => {
        expect(parseQuery(printQuery(query))).toEqual(query)
      }),
      runs,
    )
  })

  it('comes of any text, or a problem that lies within it', () => {
    const piece = fc.constantFrom(
      '(',
      ')',
      '"',
      '-',
      'NOT ',
      ' OR ',
      'AND',
      'from:',
      'x:',
      'ab',
      '*',
      ' ',
      '\\',
      '“',
      '”',
      'on:2001',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(piece).map((all) => all.join('')),
        ),
        (text) => {
          const read = parseQuery(text)
          const again = isQueryProblem(read) ? read : parseQuery(printQuery(read))
          expect(again).toEqual(read)
          const at = isQueryProblem(read) ? read.at : 1
          expect(at).toBeGreaterThanOrEqual(1)
          expect(at).toBeLessThanOrEqual(text.length + 1)
        },
      ),
      runs,
    )
  })
})

describe('a period', () => {
  it.each([
    ['1970', 0, 31_536_000_000],
    ['2000', 946_684_800_000, 978_307_200_000],
    ['2001-03', 983_404_800_000, 986_083_200_000],
    ['2000-02', 949_363_200_000, 951_868_800_000],
    ['2024-12-31', 1_735_603_200_000, 1_735_689_600_000],
    ['2024-02-29T23:30:00-01:00', 1_709_253_000_000, 1_709_253_001_000],
    ['2024-02-29T23:30Z', 1_709_249_400_000, 1_709_249_460_000],
    ['2024-02-29T23:30:00.25Z', 1_709_249_400_250, 1_709_249_400_251],
  ])('of %s', (text, from, to) => {
    expect(period(text)).toEqual({ from, to })
  })

  it.each([
    '1969',
    '2001-13',
    '2001-02-29',
    '1900-02-29',
    '2001-3-1',
    '2001-03-01T25:00Z',
    '2001-03-01T10:00',
    'now',
    '',
  ])('is not %s', (text) => {
    expect(period(text)).toBeNull()
  })

  it('of every day begins when the one before it ends, for four centuries', () => {
    let next = 0
    const two = (part: number): string => String(part).padStart(2, '0')
    const days = Array.from({ length: 400 * 12 * 31 }, (_, at) => {
      const month = Math.floor(at / 31)
      return period(`${1970 + Math.floor(month / 12)}-${two((month % 12) + 1)}-${two((at % 31) + 1)}`)
    })
    for (const day of days.filter((day) => day !== null)) {
      expect(day.from).toBe(next)
      next = day.to
    }
    // 2370-01-01T00:00:00Z
    expect(next).toBe(12_622_780_800_000)
  })
})
