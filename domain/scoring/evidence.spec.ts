import { describe, expect, it } from 'vitest'
import { answersOf, dnsEvidence, formatEvidence, parseEvidence, type Evidence } from './evidence.ts'

const answers = [
  { name: 'example.org', type: 'TXT', outcome: 'ok', records: [['v=spf1 -all']] },
  { name: 'example.org', type: 'MX', outcome: 'ok', records: [{ exchange: 'mx.example.org', priority: 10 }] },
  { name: 'absent.org', type: 'A', outcome: 'nxdomain', records: [] },
]
const evidence: Evidence = {
  format: 1,
  clock: 1_768_435_200_000,
  client: { address: '192.0.2.1', name: null, helo: 'mail.example.org' },
  reversePath: null,
  hostname: 'mx.mailkeep.test',
  dns: dnsEvidence(answers),
  scanner: { name: 'clamd', version: '1.4', database: '27001' },
  model: null,
  weights: 1,
  policyVersion: 0,
}

describe('evidence', () => {
  it('comes back from its text with every answer of the DNS', () => {
    const back = parseEvidence(formatEvidence(evidence))
    expect(back).toEqual(evidence)
    expect(answersOf(back)).toEqual(answers)
  })

  it('is compact', () => {
    expect(formatEvidence(evidence).length).toBeLessThan(500)
  })

  it('is not guessed from a text that is none', () => {
    expect(() => parseEvidence('{"format":2}')).toThrow('format')
  })
})
