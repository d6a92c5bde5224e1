import { expect, it } from 'vitest'
import type { UriBlockList } from '#domain/policy/authentication-policy'
import { scriptedDns, type Zone } from '#test/dsl/dns'
import { uriListSymbols } from './uri-block-lists.ts'

const list = (zone: string, own: Partial<UriBlockList> = {}): UriBlockList => ({
  zone,
  name: zone.split('.')[0]!.toUpperCase(),
  weight: 2,
  codes: null,
  testEntry: 'test',
  ...own,
})
const lists = [
  list('good.lists'),
  list('coded.lists', { codes: ['127.0.1.5'] }),
  list('all.lists'),
  list('dead.lists'),
  list('own.lists', { testEntry: 'own-test.example' }),
  list('none.lists', { testEntry: null }),
  list('sold.lists'),
  list('shy.lists'),
  list('slow.lists'),
]
const [listed, test] = [{ A: ['127.0.1.2'] }, { A: ['127.0.0.2'] }]
const zone: Zone = {
  'bad.example.good.lists': listed,
  'test.good.lists': test,
  'bad.example.coded.lists': listed,
  'worse.example.coded.lists': { A: ['127.0.1.2', '127.0.1.5'] },
  'test.coded.lists': test,
  // It has everything.
  'bad.example.all.lists': listed,
  'test.all.lists': test,
  'invalid.all.lists': test,
  // It has nothing, not even its test entry, but for this.
  'bad.example.dead.lists': listed,
  'bad.example.own.lists': listed,
  'own-test.example.own.lists': test,
  'bad.example.none.lists': listed,
  // A web server, and lists that don't answer us.
  'bad.example.sold.lists': { A: ['198.51.100.7'] },
  'test.sold.lists': { A: ['198.51.100.7'] },
  'bad.example.shy.lists': { A: ['127.255.255.254'] },
  'test.shy.lists': { A: ['127.255.255.254'] },
  'bad.example.slow.lists': 'timeout',
  'test.slow.lists': 'timeout',
  'invalid.slow.lists': 'timeout',
}

it('believes the lists that behave as lists do, and no other', async () => {
  const dns = scriptedDns(zone)
  expect(await uriListSymbols(dns, lists, ['fine.example', 'bad.example'])).toEqual([
    'URIBL_GOOD',
    'URIBL_OWN',
    'URIBL_NONE',
  ])
  expect(await uriListSymbols(dns, lists, ['worse.example'])).toEqual(['URIBL_CODED'])
  expect(await uriListSymbols(dns, lists, ['fine.example'])).toEqual([])
})

it('asks nothing of a mail without links, and of one with many only for so many', async () => {
  const dns = scriptedDns(zone)
  expect(await uriListSymbols(dns, lists, [])).toEqual([])
  expect(dns.asked).toEqual([])
  const many = Array.from({ length: 500 }, (_, at) => `d${at}.example`)
  expect(await uriListSymbols(dns, [lists[0]!], [...many, 'bad.example'])).toEqual([])
  expect(dns.asked.length).toBeLessThan(30)
})
