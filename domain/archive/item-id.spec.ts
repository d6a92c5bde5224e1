import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { itemId, readItemId, type CopyName } from './item-id.ts'

const MAIL = '01JNA000000000000000000001'

describe('the id of an archived copy', () => {
  it('can be read and typed', () => {
    expect(itemId({ mail: MAIL, account: 'ann@example.org', role: 'sent' })).toBe(`${MAIL}-sent-ann~40example.org`)
  })

  it('is one for one copy, and needs no escape in a URL', () => {
    const name = fc.record<CopyName>({
      mail: fc.stringMatching(/^[0-9A-Z]{26}$/),
      account: fc.string({ unit: 'grapheme', minLength: 3, maxLength: 100 }),
      role: fc.constantFrom('sent', 'received'),
    })
    fc.assert(
      fc.property(name, (copy) => {
        const id = itemId(copy)
        expect(encodeURIComponent(id)).toBe(id)
        expect(readItemId(id)).toEqual(copy)
      }),
      { seed: 7 },
    )
  })

  it('that was made up is none', () => {
    for (const id of [
      '',
      MAIL,
      `${MAIL}-sent-`,
      `${MAIL}-seen-ann`,
      `${MAIL}-sent-~6`,
      `${MAIL}-sent-~ff`,
      `${MAIL}-sent-~61`,
    ])
      expect(readItemId(id)).toBeNull()
  })
})
