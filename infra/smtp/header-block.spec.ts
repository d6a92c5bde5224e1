import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HeaderBlock } from './header-block.ts'

const limits = { headerSize: 200, headerCount: 5, receivedHops: 2 }

const pushed = (text: string, size: number): { block: string | null; check: string | null } => {
  const header = new HeaderBlock(limits)
  let check: string | null = null
  const octets = Buffer.from(text, 'latin1')
  for (let at = 0; at < octets.length && check === null; at += size)
    check = header.push(octets.subarray(at, at + size))?.check ?? null
  check ??= header.end()?.check ?? null
  return { block: header.headerBlock()?.toString('latin1') ?? null, check }
}

describe('the header block', () => {
  test.each([
    ['A: 1\r\nB: 2\r\n\r\nbody\r\n\r\nmore', 'A: 1\r\nB: 2\r\n'],
    ['\r\nbody only', ''],
    ['A: 1\r\n', 'A: 1\r\n'],
    ['no line end', 'no line end'],
    ['', ''],
    ['A: 1\r\n folded\r\n\tagain\r\n\r\n', 'A: 1\r\n folded\r\n\tagain\r\n'],
  ])('of %j is %j, however it arrives', (text, block) => {
    for (const size of [1, 2, 3, 1_000]) expect(pushed(text, size)).toEqual({ block, check: null })
  })

  test('counts fields, not lines, and Received fields in any case', () => {
    expect(pushed(`${'A: 1\r\n b\r\n'.repeat(5)}\r\n`, 7).check).toBe(null)
    expect(pushed(`${'A: 1\r\n'.repeat(6)}\r\n`, 7).check).toBe('header-count')
    expect(pushed('Received: a\r\nreceived : b\r\nReceived-SPF: c\r\n\r\nReceived: d\r\n', 5).check).toBe(null)
    expect(pushed('Received: a\r\nRECEIVED: b\r\nreceived: c\r\n\r\n', 5).check).toBe('received-hops')
  })

  test('is bounded, with and without an end', () => {
    expect(pushed(`A: ${'x'.repeat(195)}\r\n\r\n`, 9).check).toBe(null)
    expect(pushed(`A: ${'x'.repeat(196)}\r\n\r\n`, 9).check).toBe('header-size')
    expect(pushed('x'.repeat(300), 1).check).toBe('header-size')
    expect(pushed(`A: 1\r\n\r\n${'x'.repeat(5_000)}`, 5_000).check).toBe(null)
  })

  test('is the same whatever the segments', () => {
    const parts = fc.array(fc.constantFrom('\r\n', 'A: 1', ' ', 'Received: x'), { maxLength: 20 })
    fc.assert(
      fc.property(parts, fc.integer({ min: 1, max: 9 }), (words, size) => {
        expect(pushed(words.join(''), size)).toEqual(pushed(words.join(''), 10_000))
      }),
      { seed: 5322, numRuns: 1_000 },
    )
  })
})
