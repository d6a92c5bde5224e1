import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY } from '../kernel/instant.ts'
import { parseAddress } from './parse-address.ts'
import { rewrite, whoseReturn, type Check, type Sign } from './srs.ts'

const NOW = 1_795_521_600_000
const MAIL = '01JNA000000000000000000001'
const OURS = 'example.org'
/** FNV-1a: as good as a real one where nobody tries. */
const signedWith =
  (key: string): Sign =>
  (text) => {
    let hash = 0x811c9dc5
    for (const character of key + text) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193) >>> 0
    return hash.toString(16).padStart(8, '0')
  }
const sign = signedWith('key')
const check: Check = (text, hash) => sign(text) === hash.toLowerCase()
const out = (reversePath: string, now = NOW) => rewrite({ reversePath, domain: OURS, mail: MAIL, now }, sign)
const back = (address: string, now = NOW) => whoseReturn(address, now, check)
const to = (address: string) => ({ is: 'address', address })

describe('a sender', () => {
  it('is written into an address of ours, which leads back', () => {
    const address = out('Cara@outside.net')
    expect(address).toMatch(/^SRS0=[0-9a-f]{8}=[A-Z2-7]{2}=outside\.net=Cara@example\.org$/)
    expect(back(address)).toEqual(to('Cara@outside.net'))
    expect(back(address.toLowerCase())).toEqual(to('cara@outside.net'))
    expect(back(address.replace('SRS0=', 'srs0+'))).toEqual(to('Cara@outside.net'))
  })

  it('with more in the local part comes back whole', () => {
    for (const sender of ['a=b=c@outside.net', 'prvs=1234=cara@outside.net', 'n+1+x@outside.net', "o'neil@outside.net"])
      expect(back(out(sender))).toEqual(to(sender))
  })

  it('that does not fit into an address is found by its mail', () => {
    const verp = `bounce-mc.us7_12345.6789-${'x'.repeat(30)}=example.com@mail12.sea31.mcsv.net`
    for (const sender of [verp, '"a b"@outside.net', 'cara@[192.0.2.1]', `c@${'a'.repeat(60)}.net`]) {
      const address = out(sender)
      expect(address).toMatch(new RegExp(`^SRS0=[0-9a-f]{8}=[A-Z2-7]{2}==${MAIL}@example\\.org$`))
      expect(back(address)).toEqual({ is: 'sender-of', mail: MAIL })
      expect(back(address.toLowerCase())).toEqual({ is: 'sender-of', mail: MAIL })
    }
  })

  it('holds for three weeks', () => {
    const address = out('cara@outside.net')
    expect(back(address, NOW + 21 * DAY)).toEqual(to('cara@outside.net'))
    expect(back(address, NOW + 22 * DAY)).toEqual({ is: 'expired' })
    expect(back(address, NOW + 500 * DAY)).toEqual({ is: 'expired' })
    expect(back(address, NOW - DAY)).toEqual(to('cara@outside.net'))
    expect(back(address, NOW - 2 * DAY)).toEqual({ is: 'expired' })
  })
})

describe('a sender that another forwarder wrote', () => {
  it('is left to that forwarder', () => {
    const address = out('SRS0=HHHH=TT=orig.net=bob@first.net')
    expect(address).toMatch(/^SRS1=[0-9a-f]{8}=first\.net==HHHH=TT=orig\.net=bob@example\.org$/)
    expect(back(address)).toEqual(to('SRS0=HHHH=TT=orig.net=bob@first.net'))
    expect(back(out('srs0+HHHH=TT=orig.net=bob@first.net'))).toEqual(to('SRS0+HHHH=TT=orig.net=bob@first.net'))
    expect(back(address, NOW + 400 * DAY)).toEqual(to('SRS0=HHHH=TT=orig.net=bob@first.net'))
  })

  it('however many there were', () => {
    const address = out('SRS1=XXXX=first.net==HHHH=TT=orig.net=bob@second.net')
    expect(address).toMatch(/^SRS1=[0-9a-f]{8}=first\.net==HHHH=TT=orig\.net=bob@example\.org$/)
    expect(back(address)).toEqual(to('SRS0=HHHH=TT=orig.net=bob@first.net'))
  })
})

describe('an address that was not made here', () => {
  it.each([
    'SRS0=00000000=AA=outside.net=cara@example.org',
    'SRS0=00000000=AA==01JNA000000000000000000001@example.org',
    'SRS1=00000000=first.net==HHHH=TT=orig.net=bob@example.org',
    'SRS0=x@example.org',
    'srs1+@example.org',
    'SRS0====@example.org',
  ])('%s leads nowhere', (address) => {
    expect(back(address)).toEqual({ is: 'forged' })
  })

  it.each(['ann@example.org', 'srs0@example.org', 'SRS2=a=b=c=d@example.org', 'xSRS0=a=AA=c=d@example.org'])(
    '%s is no return address',
    (address) => {
      expect(back(address)).toBeNull()
    },
  )
})

const local = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,30}(\.[a-z0-9=+-]{1,10})?$/)
const host = fc.stringMatching(/^[a-z0-9]{1,12}(\.[a-z]{2,6}){1,3}$/)
const sender = fc
  .tuple(local, host)
  .map(([who, where]) => `${who}@${where}`)
  .filter((who) => !/^srs[01][=+-]/i.test(who))
const runs = { seed: 20_260_101, numRuns: 2_000 }

describe('whoever the sender is', () => {
  it('the address is one, of at most 64 octets before the @, and leads back to the sender for three weeks', () => {
    fc.assert(
      fc.property(sender, fc.integer({ min: 0, max: 2 ** 42 }), fc.integer({ min: 0, max: 21 }), (who, now, days) => {
        const address = out(who, now)
        expect(parseAddress(address)).toBe(address)
        const bySender = `SRS0=12345678=AA=${who.slice(who.lastIndexOf('@') + 1)}=${who.slice(0, who.lastIndexOf('@'))}`
        const expected = bySender.length > 64 ? { is: 'sender-of', mail: MAIL } : to(who)
        expect(back(address, now + days * DAY)).toEqual(expected)
      }),
      runs,
    )
  })

  it('an address with anything changed, or of another key, is forged', () => {
    fc.assert(
      fc.property(sender, fc.nat(), fc.constantFrom(...'abcxyz0189=.'), (who, place, character) => {
        const address = out(who)
        const at = address.lastIndexOf('@')
        const changed = address.slice(0, place % at) + character + address.slice((place % at) + 1)
        const returned = back(changed)
        const same = changed.toLowerCase() === address.toLowerCase()
        const isRefused = returned === null || returned.is === 'forged' || returned.is === 'expired'
        expect(same || isRefused).toBe(true)
        const other = rewrite({ reversePath: who, domain: OURS, mail: MAIL, now: NOW }, signedWith('other'))
        expect(back(other)).toEqual({ is: 'forged' })
      }),
      runs,
    )
  })
})
