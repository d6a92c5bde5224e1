import { describe, expect, it } from 'vitest'
import { matchSender, parseSenderPattern } from './sender-pattern.ts'

describe('an entry', () => {
  it.each([
    ['Ann.Lee@Example.ORG', 'ann.lee@example.org'],
    [' @Example.org ', '@example.org'],
    ['.Example.org', '.example.org'],
    ['@bücher.example', '@xn--bcher-kva.example'],
    ['post@BÜCHER.example', 'post@xn--bcher-kva.example'],
    ['.例え.jp', '.xn--r8jz45g.jp'],
    ['"ann"@example.org', 'ann@example.org'],
    ['ju\u0308rgen@example.org', 'j\u00fcrgen@example.org'],
    ['.top', '.top'],
  ])('%s is kept as %s', (typed, entry) => {
    expect(parseSenderPattern(typed)).toBe(entry)
    expect(parseSenderPattern(entry)).toBe(entry)
  })

  it.each([
    '',
    '@',
    '.',
    'example.org',
    'ann@',
    '@exa mple.org',
    '@a..b',
    '@-a.org',
    'ann@[192.0.2.1]',
    '@192.0.2.1',
    '*',
  ])('"%s" is none', (typed) => {
    expect(parseSenderPattern(typed)).toBeNull()
  })
})

const owned = (entries: Record<string, 'allow' | 'block'>) => ({
  entries: new Map(Object.entries(entries).map(([entry, list]) => [entry, { list }])),
})
const from = (reversePath: string | null, ...headerAddresses: string[]) => ({ reversePath, headerAddresses })

describe('a sender', () => {
  it('is matched by envelope and by header, whatever the case', () => {
    const ann = owned({ 'boss@example.net': 'allow' })
    for (const sender of [
      from('Boss@Example.NET'),
      from(null, 'BOSS@example.net'),
      from('a@b.org', 'c@d.org', 'boss@example.net'),
    ])
      expect(matchSender(ann, sender)).toEqual({ list: 'allow', entry: 'boss@example.net' })
    expect(matchSender(ann, from('boss@example.org', 'boss@sub.example.net'))).toBeNull()
    expect(matchSender(ann, from(null))).toBeNull()
  })

  it('of a subdomain is matched by .domain, not by @domain', () => {
    const sender = from('a@mail.example.net')
    expect(matchSender(owned({ '@example.net': 'block' }), sender)).toBeNull()
    expect(matchSender(owned({ '.example.net': 'block' }), sender)?.entry).toBe('.example.net')
    expect(matchSender(owned({ '.example.net': 'block' }), from('a@example.net'))?.entry).toBe('.example.net')
    expect(matchSender(owned({ '.example.net': 'block' }), from('a@badexample.net'))).toBeNull()
  })

  it('is judged by the more specific entry', () => {
    const sender = from('a@mail.example.net')
    const steps = ['.net', '.example.net', '.mail.example.net', '@mail.example.net', 'a@mail.example.net'] as const
    for (const [place, precise] of steps.entries()) {
      const entries = Object.fromEntries(
        steps.slice(0, place + 1).map((entry) => [entry, 'block' as 'allow' | 'block']),
      )
      entries[precise] = 'allow'
      expect(matchSender(owned(entries), sender)).toMatchObject({ entry: precise, list: 'allow' })
    }
  })

  it('with two faces of equal precision is blocked', () => {
    const lists = owned({ 'good@example.net': 'allow', 'bad@example.net': 'block' })
    expect(matchSender(lists, from('good@example.net', 'bad@example.net'))?.list).toBe('block')
    expect(matchSender(lists, from('bad@example.net', 'good@example.net'))?.list).toBe('block')
  })

  it('in internationalised form is the same sender', () => {
    const lists = owned({ '@xn--bcher-kva.example': 'allow', 'j\u00fcrgen@example.org': 'block' })
    expect(matchSender(lists, from(null, 'post@B\u00fccher.example'))?.list).toBe('allow')
    expect(matchSender(lists, from('Ju\u0308rgen@example.org'))?.list).toBe('block')
  })
})
