import { expect, it } from 'vitest'
import { scriptedDns } from '#test/dsl/dns'
import { lookUpListing } from './block-list.ts'

const dns = scriptedDns({
  '1.2.0.192.zen.test': { A: ['127.0.0.2', '127.0.0.4'], TXT: [['Listed, see ', 'https://zen.test/1']] },
  '3.2.0.192.zen.test': { A: ['127.255.255.254'], TXT: [['public resolver']] },
  '4.2.0.192.zen.test': 'servfail',
  '5.2.0.192.zen.test': { A: ['198.51.100.80'] },
  '6.2.0.192.zen.test': { A: ['127.0.0.3'] },
  [`1.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.zen.test`]: { A: ['127.0.0.2'] },
  'bad.test.dbl.test': { A: ['127.0.1.2'], TXT: [['spam\r\ndomain']] },
  'odd.test.dbl.test': { A: ['127.0.1.255'] },
})

it('asks for an address from behind, for a domain as it is, and tells a listing from a refusal', async () => {
  expect(await lookUpListing(dns, '192.0.2.1', 'zen.test')).toEqual({
    state: 'listed',
    codes: ['127.0.0.2', '127.0.0.4'],
    reason: 'Listed, see https://zen.test/1',
  })
  expect(await lookUpListing(dns, '192.0.2.2', 'zen.test')).toEqual({ state: 'clear' })
  expect(await lookUpListing(dns, '192.0.2.6', 'zen.test')).toEqual({
    state: 'listed',
    codes: ['127.0.0.3'],
    reason: null,
  })
  expect(await lookUpListing(dns, '2001:db8::1', 'zen.test')).toMatchObject({ state: 'listed' })
  expect(await lookUpListing(dns, 'bad.test', 'dbl.test')).toMatchObject({ state: 'listed', reason: 'spam domain' })
  for (const address of ['192.0.2.3', '192.0.2.4', '192.0.2.5'])
    expect(await lookUpListing(dns, address, 'zen.test')).toMatchObject({ state: 'unknown' })
  expect(await lookUpListing(dns, 'odd.test', 'dbl.test')).toMatchObject({ state: 'unknown' })
})
