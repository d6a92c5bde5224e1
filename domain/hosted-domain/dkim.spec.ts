import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fold, isDeclined } from '#domain/kernel/decider'
import { given, story } from '#test/dsl/decider'
import type { HostedDomainCommand } from './commands.ts'
import { hostedDomainDecider as domains } from './decider.ts'
import { DKIM_OVERLAP, dkimRecord, isOverlapOver, nextSelectors, zoneText, type DkimCommand } from './dkim.ts'

const NOW = 1_770_000_000_000
const SEALED = `sealed:1:${'n'.repeat(16)}:${'c'.repeat(40)}`
const algorithms = { rsa: 'rsa-sha256', ed: 'ed25519-sha256' } as const

const pair = (stem: string) =>
  (['rsa', 'ed'] as const).map((end) => ({
    selector: `${stem}-${end}`,
    algorithm: algorithms[end],
    publicKey: 'QUJD',
    privateKey: SEALED,
  }))
const addKeys = (stem: string, more: Partial<Extract<DkimCommand, { kind: 'add-dkim-keys' }>> = {}): DkimCommand => ({
  kind: 'add-dkim-keys',
  keys: pair(stem),
  ifNone: false,
  signing: null,
  now: NOW,
  ...more,
})
const start = (
  selectors: readonly string[],
  because: 'published' | 'administrator' = 'published',
  now = NOW,
): DkimCommand => ({ kind: 'start-dkim-signing', selectors, because, now })
const retire = (selector: string, force = false): DkimCommand => ({
  kind: 'retire-dkim-key',
  selector,
  force,
  now: NOW,
})

const hosted = story(domains, [{ kind: 'add-domain', name: 'example.org', settings: {} }])
const after = (...commands: readonly HostedDomainCommand[]) => story(domains, commands, hosted)
const states = (...commands: readonly HostedDomainCommand[]) =>
  fold(domains, after(...commands))?.dkim.map(({ selector, state }) => `${selector} ${state}`)

describe('the DKIM keys of a domain', () => {
  it('are made once, and wait until their records are seen', () => {
    given(domains, hosted)
      .when(addKeys('mk-1', { ifNone: true }))
      .thenTypes(['DkimKeyAdded', 'DkimKeyAdded'])
    given(domains, after(addKeys('mk-1')))
      .when(addKeys('mk-2', { ifNone: true }))
      .thenNothing()
    given(domains, []).when(addKeys('mk-1')).thenDeclined('not-found')
    expect(states(addKeys('mk-1'))).toEqual(['mk-1-rsa waiting', 'mk-1-ed waiting'])
    given(domains, after(addKeys('mk-1')))
      .when(start(['mk-1-ed']))
      .thenEvents([{ type: 'DkimSigningStarted', data: { selectors: ['mk-1-ed'], because: 'published', at: NOW } }])
    expect(states(addKeys('mk-1'), start(['mk-1-ed']))).toEqual(['mk-1-rsa waiting', 'mk-1-ed signing'])
  })

  it('sign at once where somebody says so', () => {
    given(domains, hosted)
      .when(addKeys('mk-1', { signing: 'demo' }))
      .thenTypes(['DkimKeyAdded', 'DkimKeyAdded', 'DkimSigningStarted'])
    expect(states(addKeys('mk-1', { signing: 'demo' }))).toEqual(['mk-1-rsa signing', 'mk-1-ed signing'])
  })

  it('change with an overlap: the old one signs until the new one is seen, then its record stays for a while', () => {
    const rotated = [addKeys('mk-1', { signing: 'administrator' }), addKeys('mk-2')] as const
    expect(states(...rotated)).toEqual(['mk-1-rsa signing', 'mk-1-ed signing', 'mk-2-rsa waiting', 'mk-2-ed waiting'])
    given(domains, after(...rotated))
      .when(addKeys('mk-3'))
      .thenDeclined('conflict', /mk-2-rsa and mk-2-ed wait/)
    const seen = [...rotated, start(['mk-2-rsa'])] as const
    expect(states(...seen)).toEqual(['mk-1-rsa replaced', 'mk-1-ed signing', 'mk-2-rsa signing', 'mk-2-ed waiting'])
    // The old record is still there: that brings nothing back. An administrator may.
    given(domains, after(...seen))
      .when(start(['mk-1-rsa']))
      .thenNothing()
    given(domains, after(...seen))
      .when(start(['mk-1-rsa'], 'administrator'))
      .thenTypes(['DkimSigningStarted'])
    const [old] = fold(domains, after(...seen))?.dkim ?? []
    expect(
      [NOW + DKIM_OVERLAP - 1, NOW + DKIM_OVERLAP].map((now) => old !== undefined && isOverlapOver(old, now)),
    ).toEqual([false, true])
    given(domains, after(...seen))
      .when(retire('mk-1-rsa'))
      .thenEvents([{ type: 'DkimKeyRetired', data: { selector: 'mk-1-rsa', at: NOW } }])
  })

  it('retire once and for ever, the one that signs only when somebody insists', () => {
    const signing = after(addKeys('mk-1', { signing: 'administrator' }))
    given(domains, signing)
      .when(retire('mk-1-rsa'))
      .thenDeclined('conflict', /signed with mk-1-rsa/)
    given(domains, signing).when(retire('mk-1-rsa', true)).thenTypes(['DkimKeyRetired'])
    given(domains, signing).when(retire('mk-9-rsa')).thenDeclined('not-found')
    const gone = story(domains, [retire('mk-1-rsa', true)], signing)
    expect(fold(domains, gone)?.dkim[0]).toMatchObject({ state: 'retired', privateKey: null })
    given(domains, gone).when(retire('mk-1-rsa')).thenNothing()
    given(domains, gone)
      .when(start(['mk-1-rsa'], 'administrator'))
      .thenDeclined('conflict', /retired/)
    given(domains, gone)
      .when(addKeys('mk-1'))
      .thenDeclined('conflict', /never used twice/)
  })

  it('have selectors that are one label, and never two that sign with one algorithm', () => {
    for (const selector of ['', 'a.b', 'a b', '-a', 'A', `${'a'.repeat(64)}`, 'a;b'])
      given(domains, hosted)
        .when(addKeys('x', { keys: [{ ...pair('x')[0]!, selector }] }))
        .thenDeclined('invalid')
    const two = after(addKeys('mk-1', { signing: 'demo' }), addKeys('mk-2'))
    given(domains, two)
      .when(start(['mk-1-rsa', 'mk-2-rsa', 'mk-2-rsa'], 'administrator'))
      .thenEvents([
        { type: 'DkimSigningStarted', data: { selectors: ['mk-2-rsa'], because: 'administrator', at: NOW } },
      ])
    const three = story(domains, [start(['mk-2-rsa']), retire('mk-2-ed'), addKeys('mk-3')], two)
    given(domains, three)
      .when(start(['mk-1-rsa', 'mk-3-rsa'], 'administrator'))
      .thenDeclined('invalid', /not two/)
    given(domains, two)
      .when(start(['mk-7-rsa']))
      .thenDeclined('not-found')
  })

  it('whatever is asked: at most one signs with each algorithm, and their number is bounded', () => {
    const selector = fc.tuple(fc.nat(8), fc.constantFrom('rsa', 'ed')).map(([count, end]) => `mk-${count}-${end}`)
    const command: fc.Arbitrary<DkimCommand> = fc.oneof(
      fc.nat(8).map((count) => addKeys(`mk-${count}`)),
      fc.array(selector, { maxLength: 3 }).map((selectors) => start(selectors)),
      fc.array(selector, { maxLength: 3 }).map((selectors) => start(selectors, 'administrator')),
      fc.tuple(selector, fc.boolean()).map(([one, force]) => retire(one, force)),
    )
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        let state = fold(domains, hosted)
        for (const one of commands) {
          const answer = domains.decide(one, state)
          if (!isDeclined(answer)) state = fold(domains, answer, state)
        }
        const keys = state?.dkim ?? []
        const signing = keys.filter((key) => key.state === 'signing').map(({ algorithm }) => algorithm)
        expect(new Set(signing).size).toBe(signing.length)
        expect(keys.filter((key) => key.state !== 'retired').length).toBeLessThanOrEqual(16)
        expect(keys.every((key) => (key.privateKey === null) === (key.state === 'retired'))).toBe(true)
      }),
      { seed: 11, numRuns: 300 },
    )
  })
})

describe('the record of a key', () => {
  it('says algorithm and public key, in strings that fit', () => {
    expect(dkimRecord('example.org', { selector: 'mk-1-ed', algorithm: 'ed25519-sha256', publicKey: 'QUJD' })).toEqual({
      name: 'mk-1-ed._domainkey.example.org',
      text: 'v=DKIM1; k=ed25519; p=QUJD',
    })
    expect(zoneText(`${'a'.repeat(255)}bc`)).toBe(`"${'a'.repeat(255)}" "bc"`)
    expect(zoneText('a"b\\c')).toBe('"a\\"b\\\\c"')
  })

  it('has a name that was never used', () => {
    expect(nextSelectors([], '2026-11')).toEqual({ 'rsa-sha256': 'mk-2026-11-rsa', 'ed25519-sha256': 'mk-2026-11-ed' })
    expect(nextSelectors([{ selector: 'mk-2026-11-ed' }, { selector: 'mk-2026-11-2-rsa' }], '2026-11')).toEqual({
      'rsa-sha256': 'mk-2026-11-3-rsa',
      'ed25519-sha256': 'mk-2026-11-3-ed',
    })
  })
})
