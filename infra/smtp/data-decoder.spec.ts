import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DataDecoder } from './data-decoder.ts'

const seed = { seed: 5321, numRuns: 2_000 }

/** Feeds the octets in pieces cut at these places. */
const decoded = (octets: string, cuts: readonly number[], normalise: boolean) => {
  const decoder = new DataDecoder({ normalise })
  const whole = Buffer.from(octets, 'latin1')
  const places = [...new Set(cuts.map((cut) => cut % (whole.length + 1)))].sort((a, b) => a - b)
  let message = ''
  let from = 0
  for (const to of [...places, whole.length]) {
    // A copy: the decoder works in place.
    const part = decoder.decode(Buffer.from(whole.subarray(from, to)))
    message += part.message.toString('latin1')
    from = to
    if (part.rest !== null)
      return { message, rest: part.rest.toString('latin1') + whole.subarray(to).toString('latin1'), decoder }
  }
  return { message, rest: null, decoder }
}

/** RFC 5321 4.5.2 by the book, on the whole text. */
const byTheBook = (octets: string) => {
  const text = `\r\n${octets}`
  const end = text.indexOf('\r\n.\r\n')
  const inside = end < 0 ? text : text.slice(0, end + 2)
  return {
    message: inside.replaceAll('\r\n.', '\r\n').slice(2),
    rest: end < 0 ? null : text.slice(end + 5),
    bare: /\r(?!\n)|(?<!\r)\n/.test(inside),
  }
}

const pieces = fc.array(fc.constantFrom('\r\n', '\r\n', '.', '.', '\r', '\n', 'a', '\0', '\xff', '..', '\r\n.\r\n'), {
  maxLength: 40,
})
const tidy = fc.array(fc.constantFrom('\r\n', '\r\n.', '.', 'a', 'long line', '\0'), { maxLength: 40 })
const cuts = fc.array(fc.nat(200), { maxLength: 8 })

describe('DATA', () => {
  test('ends and is unstuffed as RFC 5321 says, however it is cut into segments', () => {
    fc.assert(
      fc.property(tidy, cuts, (parts, places) => {
        const octets = parts.join('')
        const book = byTheBook(octets)
        const { message, rest, decoder } = decoded(octets, places, false)
        // Without an end a dot that may yet be it is held back.
        const all = rest === null && book.message.startsWith(message) ? book.message : message
        expect({ message: all, rest, bare: decoder.bare }).toEqual(rest === null ? { ...book, bare: false } : book)
      }),
      seed,
    )
  })

  test('ends where it ends whatever line ends are in it, and tells bare ones', () => {
    fc.assert(
      fc.property(pieces, cuts, fc.boolean(), (parts, places, normalise) => {
        const octets = parts.join('')
        const book = byTheBook(octets)
        const { rest, decoder } = decoded(octets, places, normalise)
        const atEnd = { rest: book.rest, bare: book.rest === null ? decoder.bare : book.bare }
        expect({ rest, bare: decoder.bare }).toEqual(atEnd)
      }),
      seed,
    )
  })

  test('normalised has only CRLF, the same however it is cut, and is untouched when it was tidy', () => {
    fc.assert(
      fc.property(pieces, cuts, (parts, places) => {
        const octets = `${parts.join('')}\r\n.\r\n`
        const { message } = decoded(octets, places, true)
        expect(message).toBe(decoded(octets, [], true).message)
        expect(message).not.toMatch(/\r(?!\n)|(?<!\r)\n/)
        const untouched = byTheBook(octets).bare ? message : decoded(octets, places, false).message
        expect(message).toBe(untouched)
      }),
      seed,
    )
  })

  test('knows its longest line', () => {
    expect(decoded('short\r\na longer one\r\nend', [3, 9, 12], false).decoder.longest).toBe(12)
    expect(decoded(`${'x'.repeat(70)}`, [10, 20, 30], false).decoder.longest).toBe(70)
    expect(decoded(`${'x'.repeat(70)}`, [10, 20, 30], true).decoder.longest).toBe(70)
  })
})
