import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { secretKeyFrom } from '#infra/config/secret-key'
import { type Link, linkActs, LinkTokens } from './link-tokens.ts'

const tokens = new LinkTokens(secretKeyFrom(Buffer.alloc(32, 1)))
const keys = { key: 3, oldestKey: 2 }
const link: Link = { act: 'release', mail: '01J', recipient: 'ann@one.test', expiresAt: 1_000 }

it('reads what it signed, until it expires', () => {
  const token = tokens.sign(link, keys)
  expect(tokens.read(token, keys, 999)).toEqual({ kind: 'link', link })
  expect(tokens.read(token, keys, 1_000)).toEqual({ kind: 'expired', link })
})

it('reads links of the keys that hold, and no others', () => {
  const old = tokens.sign(link, { key: 2, oldestKey: 1 })
  expect(tokens.read(old, keys, 0).kind).toBe('link')
  expect(tokens.read(old, { key: 3, oldestKey: 3 }, 0).kind).toBe('broken')
  expect(tokens.read(tokens.sign(link, { key: 4, oldestKey: 4 }), keys, 0).kind).toBe('broken')
  expect(new LinkTokens(secretKeyFrom(Buffer.alloc(32, 2))).read(old, keys, 0).kind).toBe('broken')
})

it('reads no link in which one character was changed, added or lost', () => {
  const token = tokens.sign(link, keys)
  for (let at = 0; at < token.length; at++) {
    const swapped = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
    expect(tokens.read(swapped, keys, 0).kind).toBe('broken')
    expect(tokens.read(token.slice(0, at) + token.slice(at + 1), keys, 0).kind).toBe('broken')
    expect(tokens.read(`${token.slice(0, at)}A${token.slice(at)}`, keys, 0).kind).toBe('broken')
  }
})

it('never reads what nobody signed, whatever it looks like', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 300 }), fc.base64String()), fc.string(), (body, mac) => {
      expect(tokens.read(`${body}.${mac}`, keys, 0).kind).toBe('broken')
    }),
    { seed: 20_261_124 },
  )
  expect(tokens.read('x'.repeat(100_000), keys, 0).kind).toBe('broken')
})

it('gives each act, mail and recipient a link of its own, and each link a press of its own', () => {
  const all = linkActs.flatMap((act) =>
    ['ann@one.test', 'ben@one.test'].map((recipient) => tokens.sign({ ...link, act, recipient }, keys)),
  )
  expect(new Set(all).size).toBe(all.length)
  const [one = '', other = ''] = all
  expect(tokens.isPressed(one, tokens.press(one))).toBe(true)
  expect(tokens.isPressed(one, tokens.press(other))).toBe(false)
  for (const given of [undefined, null, '', 'x', 7]) expect(tokens.isPressed(one, given)).toBe(false)
})
