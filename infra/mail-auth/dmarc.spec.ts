import * as fc from 'fast-check'
import { dmarc as mailauthDmarc } from 'mailauth'
import { describe, expect, it } from 'vitest'
import { scriptedDns, type ScriptedDns, type Zone } from '#test/dsl/dns'
import { discoveryBy, type DmarcDiscovery } from './dmarc-discovery.ts'
import { isDmarcRecord, parseDmarcRecord } from './dmarc-record.ts'
import { judgeDmarc } from './dmarc.ts'
import { methodDns } from './mailauth-resolver.ts'

interface Case {
  readonly from?: string
  readonly spf?: string
  readonly dkim?: string
  readonly lot?: number
}

const judging =
  (dns: ScriptedDns, by: DmarcDiscovery) =>
  async ({ from = 'a.test', spf, dkim, lot = 0 }: Case = {}) => {
    const identifiers = {
      spf: { result: spf === undefined ? 'none' : 'pass', domain: spf ?? null },
      signatures: dkim === undefined ? [] : [{ result: 'pass' as const, domain: dkim }],
    }
    const { dmarc } = await judgeDmarc({ domains: [from], doubt: null }, identifiers, discoveryBy(by, dns), lot)
    return dmarc.policy === null ? dmarc.result : `${dmarc.result} ${dmarc.policy}`
  }

const txt = (text: string) => ({ TXT: [[text]] })
const world = (zone: Record<string, string>): ScriptedDns =>
  scriptedDns(Object.fromEntries(Object.entries(zone).map(([name, text]) => [`_dmarc.${name}`, txt(text)])))

describe('a policy record', () => {
  it.each([
    ['v=DMARC1; p=reject', { p: 'reject', sp: null, np: null, pct: 100, testing: false, psd: 'u' }],
    [
      'v=DMARC1;p=Quarantine;sp=NONE;np=reject;pct=20;t=y;psd=n',
      { p: 'quarantine', sp: 'none', np: 'reject', pct: 20 },
    ],
    ['v = DMARC1 ; p = none ; adkim = s ; aspf = S', { p: 'none', strictDkim: true, strictSpf: true }],
    ['v=DMARC1; p=reject; pct=x; adkim=maybe; unknown=1;;', { p: 'reject', pct: 100, strictDkim: false }],
    ['v=DMARC1; p=reject; pct=999', { pct: 100 }],
    // Not valid, but it asks for reports (RFC 7489 6.6.3).
    ['v=DMARC1; rua=mailto:x@a.test', { p: 'none' }],
    ['v=DMARC1; p=reject; sp=drop; rua=mailto:x@a.test!10m', { p: 'none', sp: null }],
  ])('%s', (text, expected) => {
    expect(isDmarcRecord(text)).toBe(true)
    expect(parseDmarcRecord(text)).toMatchObject(expected)
  })

  it.each([
    'v=DMARC1',
    'v=DMARC1; p=drop',
    'v=DMARC1; rua=x@a.test',
    'v=DMARC1; p=none; p=reject',
    'v=DMARC1; P=reject',
  ])('that says nothing: %s', (text) => expect(parseDmarcRecord(text)).toBeNull())

  it.each(['v=dmarc1; p=reject', 'p=reject; v=DMARC1', 'v=DMARC12; p=reject', 'spf', ''])('that is none: %s', (text) =>
    expect(isDmarcRecord(text)).toBe(false),
  )
})

describe('RFC 7489', () => {
  const judge = judging(
    world({
      'a.test': 'v=DMARC1; p=reject; sp=quarantine; np=none',
      'strict.test': 'v=DMARC1; p=reject; adkim=s; aspf=s',
      'own.a.test': 'v=DMARC1; p=none',
      'part.test': 'v=DMARC1; p=reject; pct=30',
      'part-q.test': 'v=DMARC1; p=quarantine; pct=30',
      'co.uk': 'v=DMARC1; p=reject',
      test: 'v=DMARC1; p=reject',
      'testing.test': 'v=DMARC1; p=reject; t=y',
    }),
    'rfc7489',
  )

  it('passes what is aligned, relaxed or strict as the record says', async () => {
    expect(await judge({ spf: 'a.test' })).toBe('pass reject')
    expect(await judge({ spf: 'mail.a.test' })).toBe('pass reject')
    expect(await judge({ dkim: 'A.TEST' })).toBe('pass reject')
    expect(await judge({ from: 'strict.test', dkim: 'mail.strict.test' })).toBe('fail reject')
    expect(await judge({ from: 'strict.test', spf: 'mail.strict.test' })).toBe('fail reject')
    expect(await judge({ from: 'strict.test', dkim: 'strict.test' })).toBe('pass reject')
    expect(await judge({ spf: 'b.test', dkim: 'test' })).toBe('fail reject')
    expect(await judge({ dkim: 'nota.test' })).toBe('fail reject')
  })

  it('takes a name below for the organization, by the public suffix list', async () => {
    expect(await judge({ from: 'own.a.test' })).toBe('fail none')
    expect(await judge({ from: 'x.co.uk', dkim: 'y.co.uk' })).toBe('none')
    expect(await judge({ from: 'a.b.x.co.uk', dkim: 'x.co.uk' })).toBe('none')
    expect(await judge({ from: 'other.test' })).toBe('none')
    // A public suffix with a record of its own is an author like any other.
    expect(await judge({ from: 'co.uk' })).toBe('fail reject')
    expect(await judge({ from: 'x.github.io', dkim: 'y.github.io' })).toBe('none')
  })

  it('has np for names that are not there (RFC 9091), sp for those that are', async () => {
    const zone = world({ 'a.test': 'v=DMARC1; p=none; sp=quarantine; np=reject' })
    zone.set('there.a.test', { MX: [{ exchange: 'mx.a.test', priority: 1 }] })
    zone.set('empty.a.test', txt('nothing else'))
    const asked = judging(zone, 'rfc7489')
    expect(await asked({ from: 'there.a.test' })).toBe('fail quarantine')
    expect(await asked({ from: 'gone.a.test' })).toBe('fail reject')
    expect(await asked({ from: 'empty.a.test' })).toBe('fail reject')
    zone.fail('shaky.a.test', 'A', 'servfail')
    expect(await asked({ from: 'shaky.a.test' })).toBe('temperror')
    expect(await asked({ from: 'shaky.a.test', spf: 'a.test' })).toBe('pass quarantine')
    expect(await judge({ from: 'gone.a.test' })).toBe('fail none')
  })

  it('is for a part of the mail where pct says so, and asks for less of the rest', async () => {
    for (const [lot, expected] of [
      [0, 'fail reject'],
      [29, 'fail reject'],
      [30, 'fail quarantine'],
      [99, 'fail quarantine'],
    ] as const)
      expect(await judge({ from: 'part.test', lot })).toBe(expected)
    expect(await judge({ from: 'part-q.test', lot: 99 })).toBe('fail none')
    // t is a tag of its successor.
    expect(await judge({ from: 'testing.test' })).toBe('fail reject')
  })

  it('takes several records for none, and others of the name for nothing', async () => {
    const dns = scriptedDns({
      '_dmarc.two.test': { TXT: [['v=DMARC1; p=reject'], ['v=DMARC1; p=none']] },
      '_dmarc.mixed.test': { TXT: [['v=spf1 -all'], ['v=DMARC1; ', 'p=reject']] },
      '_dmarc.loop.test': 'servfail',
    })
    expect(await judging(dns, 'rfc7489')({ from: 'two.test' })).toBe('none')
    expect(await judging(dns, 'rfc7489')({ from: 'mixed.test' })).toBe('fail reject')
    expect(await judging(dns, 'rfc7489')({ from: 'loop.test' })).toBe('temperror')
  })
})

describe('the tree walk of DMARCbis', () => {
  const judge = judging(
    world({
      'a.test': 'v=DMARC1; p=reject; np=quarantine',
      bank: 'v=DMARC1; p=reject; sp=none; psd=y',
      'org.example': 'v=DMARC1; p=reject; psd=n',
      example: 'v=DMARC1; p=none; psd=y',
      'testing.test': 'v=DMARC1; p=reject; t=y; pct=0',
    }),
    'tree-walk',
  )

  it('finds the policy above, however far', async () => {
    expect(await judge({ from: 'a.test' })).toBe('fail reject')
    expect(await judge({ from: '1.2.3.4.5.6.7.8.9.a.test' })).toBe('fail quarantine')
    expect(await judge({ from: '1.2.3.4.5.6.7.8.9.a.test', dkim: '9.a.test' })).toBe('pass reject')
    expect(await judge({ from: 'b.test' })).toBe('none')
  })

  it('stops at a public suffix, whose policy is for those without', async () => {
    expect(await judge({ from: 'x.bank', dkim: 'y.bank' })).toBe('fail none')
    expect(await judge({ from: 'x.bank', dkim: 'mail.x.bank' })).toBe('pass none')
    expect(await judge({ from: 'sub.org.example', dkim: 'org.example' })).toBe('pass reject')
  })

  it('knows t and no pct', async () => {
    expect(await judge({ from: 'testing.test', lot: 99 })).toBe('fail quarantine')
  })

  it('says what mailauth says, in any tree of records', async () => {
    const labels = ['a', 'b', 'c']
    const name = fc.array(fc.constantFrom(...labels), { minLength: 1, maxLength: 9 }).map((parts) => parts.join('.'))
    const record = fc.record({
      p: fc.constantFrom('none', 'quarantine', 'reject'),
      sp: fc.constantFrom('', '; sp=none', '; sp=reject'),
      np: fc.constantFrom('', '; np=quarantine'),
      psd: fc.constantFrom('', '', '; psd=y', '; psd=n'),
      t: fc.constantFrom('', '', '; t=y'),
      adkim: fc.constantFrom('', '; adkim=s'),
    })
    const cases = fc.record({
      zone: fc.dictionary(name, record, { maxKeys: 6 }),
      there: fc.array(name, { maxLength: 3 }),
      from: name,
      dkim: name,
      spf: name,
    })
    await fc.assert(
      fc.asyncProperty(cases, async ({ zone, there, from, dkim, spf }) => {
        const texts = Object.entries(zone).map(([at, { p, sp, np, psd, t, adkim }]): [string, Zone[string]] => [
          `_dmarc.${at}`,
          txt(`v=DMARC1; p=${p}${sp}${np}${psd}${t}${adkim}`),
        ])
        const dns = scriptedDns(Object.fromEntries([...there.map((at) => [at, { A: ['192.0.2.1'] }]), ...texts]))
        const theirs = await mailauthDmarc({
          headerFrom: `x@${from}`,
          spfDomains: [spf],
          dkimDomains: [{ domain: dkim }],
          resolver: methodDns(dns, 1_000).resolve,
          strict: true,
        })
        const ours = (await judging(dns, 'tree-walk')({ from, spf, dkim })).split(' ')
        expect(ours[0]).toBe(theirs === false ? 'none' : theirs.status.result)
        const policies = [ours[1] ?? null, theirs === false ? null : theirs.policy]
        expect(ours[0] !== 'fail' || policies[0] === policies[1]).toBe(true)
      }),
      { seed: 20260, numRuns: 400 },
    )
  })
})
