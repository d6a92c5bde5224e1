import { describe, expect, it } from 'vitest'
import { answersOf, dnsEvidence, formatEvidence, parseEvidence, type Evidence } from './evidence.ts'

const answers = [
  { name: 'example.org', type: 'TXT', outcome: 'ok', records: [['v=spf1 -all']] },
  { name: 'example.org', type: 'MX', outcome: 'ok', records: [{ exchange: 'mx.example.org', priority: 10 }] },
  { name: 'absent.org', type: 'A', outcome: 'nxdomain', records: [] },
]
const evidence: Evidence = {
  format: 2,
  clock: 1_768_435_200_000,
  client: { address: '192.0.2.1', name: null, helo: 'mail.example.org' },
  reversePath: null,
  hostname: 'mx.mailkeep.test',
  dns: dnsEvidence(answers),
  scanner: { name: 'clamd', version: '1.4', database: '27001' },
  model: null,
  weights: 1,
  policyVersion: 0,
  content: ['BODY_EMPTY'],
  table: [['BODY_EMPTY', 1.5, false]],
  links: [],
  files: [],
  blocked: [],
  lists: [],
  features: '',
}

describe('evidence', () => {
  it('comes back from its text with every answer of the DNS', () => {
    const back = parseEvidence(formatEvidence(evidence))
    expect(back).toEqual(evidence)
    expect(answersOf(back)).toEqual(answers)
  })

  it('of the first build is still read, with what it has', () => {
    const { content: _c, table: _t, links: _l, files: _f, blocked: _b, lists: _i, features: _e, ...kept } = evidence
    expect(parseEvidence(JSON.stringify({ ...kept, format: 1 }))).toEqual({ ...kept, format: 1 })
  })

  it('says what DNSSEC vouches for', () => {
    const [first, ...others] = answers
    const vouched = [{ ...first!, authentic: true }, ...others]
    expect(answersOf({ dns: dnsEvidence(vouched) })).toEqual(vouched)
  })

  it('is compact', () => {
    expect(formatEvidence(evidence).length).toBeLessThan(600)
  })

  it('is not guessed from a text that is none', () => {
    expect(() => parseEvidence('{"format":3}')).toThrow('format')
    expect(() => parseEvidence('{"format":2}')).toThrow('clock')
  })
})
