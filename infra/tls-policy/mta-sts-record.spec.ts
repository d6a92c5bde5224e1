import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stsRecordOf } from './mta-sts-record.ts'

const ID = '20261124T081500Z'

describe('the TXT record of MTA-STS', () => {
  it.each([
    [[`v=STSv1; id=${ID}`]],
    [[`v=STSv1; id=${ID};`]],
    [[`v=STSv1;id=${ID}`]],
    [[`v=STSv1 ;\tid=${ID} ; `]],
    [[`v=STSv1; later=x; id=${ID}; a.b-c_d=~!`]],
    [['v=STSv1; ', `id=${ID};`]],
  ])('is read: %j', (strings) => {
    expect(stsRecordOf([strings])).toEqual({ id: ID })
    expect(stsRecordOf([['v=spf1 -all'], strings, ['v=STSv2; id=2']])).toEqual({ id: ID })
  })

  it.each([
    [[]],
    [[['v=spf1 -all']]],
    [[[`V=STSv1; id=${ID}`]]],
    [[[` v=STSv1; id=${ID}`]]],
    [[['v=STSv1']]],
    [[['v=STSv12; id=1']]],
  ])('is not there: %j', (records) => {
    expect(stsRecordOf(records)).toEqual({ problem: null })
  })

  it.each([
    [[['v=STSv1;']]],
    [[['v=STSv1; id=']]],
    [[['v=STSv1; id=has-dash']]],
    [[[`v=STSv1; id=${'1'.repeat(33)}`]]],
    [[['v=STSv1; id=1; id=2']]],
    [[['v=STSv1; id=1;; x=y']]],
    [[['v=STSv1; id=1; nothing']]],
    [[['v=STSv1; id=1; x=a b']]],
    [[['v=STSv1; id=1', ';', `x=${'y'.repeat(5_000)}`]]],
    [[['v=STSv1; id=1'], ['v=STSv1; id=1']]],
  ])('is not used: %j', (records) => {
    expect(stsRecordOf(records)).toEqual({ problem: expect.any(String) })
  })

  it('yields an id that can be one, or none, whatever it says', () => {
    const pieces = fc.constantFrom('v=STSv1', ';', 'id=', 'id=a1', 'x=y', ' ', '\t', '=', 'é', '\0', 'id')
    const text = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.array(text, { maxLength: 3 }), (texts) => {
        const found = stsRecordOf(texts.map((one) => [one]))
        return 'problem' in found || /^[A-Za-z0-9]{1,32}$/.test(found.id)
      }),
      { seed: 20261, numRuns: 3_000 },
    )
    expect(stsRecordOf([['v=STSv1;id=a1']])).toEqual({ id: 'a1' })
  })
})
