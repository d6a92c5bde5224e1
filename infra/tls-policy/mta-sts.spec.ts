import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scriptedDns } from '#test/dsl/dns'
import { temporaryFolder } from '#test/dsl/temporary'
import { StsCache } from './mta-sts-cache.ts'
import type { StsPolicy } from './mta-sts-policy.ts'
import { StsPolicies } from './mta-sts.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const policy = (changes: Partial<StsPolicy> = {}): StsPolicy => ({
  mode: 'enforce',
  mx: ['mx.a.test'],
  maxAge: 7 * 24 * 3_600,
  ...changes,
})

/** A world of domains with policies, whose host can be away. */
const world = async (folder?: string) => {
  const at = { now: Date.UTC(2026, 10, 24) }
  const dns = scriptedDns()
  const published = new Map<string, StsPolicy>()
  const fetched: string[] = []
  const problems: Error[] = []
  const kept = folder ?? join(await temporaryFolder(), 'mta-sts')
  const open = async (entries = 100): Promise<StsPolicies> => {
    const onProblem = (error: Error): void => void problems.push(error)
    const cache = await StsCache.open({ folder: kept, onProblem, entries }, at.now)
    const fetch = async (domain: string): Promise<StsPolicy> => {
      fetched.push(domain)
      const there = published.get(domain)
      if (there === undefined) throw new Error('its host is away')
      return there
    }
    return new StsPolicies({ dns, cache, fetch, clock: () => at.now })
  }
  const publish = (domain: string, id: string, changes: Partial<StsPolicy> = {}): void => {
    dns.set(`_mta-sts.${domain}`, { TXT: [[`v=STSv1; id=${id};`]] })
    published.set(domain, policy(changes))
  }
  return { at, dns, published, fetched, problems, folder: kept, open, publish }
}

describe('a policy', () => {
  it('is fetched once, and counts as long as it says', async () => {
    const { at, publish, published, fetched, open } = await world()
    publish('a.test', '1', { maxAge: 3_600 })
    const sts = await open()
    expect(await Promise.all([sts.of('a.test'), sts.of('a.test')])).toEqual([
      { policy: policy({ maxAge: 3_600 }), remark: null },
      { policy: policy({ maxAge: 3_600 }), remark: null },
    ])
    at.now += HOUR - 1
    expect((await sts.of('a.test')).policy?.mode).toBe('enforce')
    expect(fetched).toEqual(['a.test'])
    published.delete('a.test')
    at.now += 1
    expect(await sts.of('a.test')).toEqual({
      policy: null,
      remark: "no MTA-STS policy: it can't be fetched: its host is away",
    })
  })

  it('is not looked for where no record says that there is one', async () => {
    const { dns, fetched, open } = await world()
    const sts = await open()
    expect(await sts.of('a.test')).toEqual({ policy: null, remark: 'no MTA-STS policy' })
    dns.set('_mta-sts.a.test', 'servfail')
    expect((await sts.of('a.test')).remark).toMatch(/ends in servfail/)
    dns.set('_mta-sts.a.test', { TXT: [['v=STSv1; id=1'], ['v=STSv1; id=2']] })
    expect((await sts.of('a.test')).remark).toMatch(/2 MTA-STS records/)
    expect(fetched).toEqual([])
  })

  it('that can not be had the first time is none, and its host is left alone for five minutes', async () => {
    const { at, publish, published, fetched, open } = await world()
    publish('a.test', '1')
    published.delete('a.test')
    const sts = await open()
    for (let count = 0; count < 3; count++) expect((await sts.of('a.test')).policy).toBeNull()
    expect(fetched).toHaveLength(1)
    publish('a.test', '2')
    at.now += 5 * MINUTE - 1
    expect((await sts.of('a.test')).policy).toBeNull()
    at.now += 1
    expect((await sts.of('a.test')).policy?.mode).toBe('enforce')
    expect(fetched).toHaveLength(2)
  })
})

describe('a kept policy', () => {
  it('outlasts its record, its host and a restart', async () => {
    const { at, dns, publish, published, problems, folder, open } = await world()
    publish('a.test', '1')
    const first = await open()
    await first.of('a.test')
    await first.close()
    expect(await readdir(folder)).toHaveLength(1)
    published.delete('a.test')
    const second = await open()
    for (const records of ['nxdomain', 'timeout', { TXT: [['v=STSv1; id=2']] }] as const) {
      dns.set('_mta-sts.a.test', records)
      expect((await second.of('a.test')).policy).toEqual(policy())
      await second.idle()
    }
    at.now += 8 * 24 * HOUR
    const third = await open()
    expect(await readdir(folder)).toEqual([])
    expect((await third.of('a.test')).policy).toBeNull()
    expect(problems).toEqual([])
  })

  it('is fetched again behind the scenes when its id changes and once a day', async () => {
    const { at, publish, fetched, open } = await world()
    publish('a.test', '1')
    const sts = await open()
    await sts.of('a.test')
    publish('a.test', '2', { mode: 'testing' })
    expect((await sts.of('a.test')).policy?.mode).toBe('enforce')
    await sts.idle()
    expect((await sts.of('a.test')).policy?.mode).toBe('testing')
    at.now += 24 * HOUR - 1
    await sts.of('a.test')
    await sts.idle()
    expect(fetched).toHaveLength(2)
    at.now += 1
    await sts.of('a.test')
    await sts.idle()
    expect(fetched).toHaveLength(3)
  })

  it('is fetched again while one waits when the one that is kept lets no mail through', async () => {
    const { publish, published, open } = await world()
    publish('a.test', '1')
    const sts = await open()
    await sts.of('a.test')
    publish('a.test', '2', { mx: ['mx.new.test'] })
    const suits = ({ mx }: StsPolicy): boolean => mx.includes('mx.new.test')
    expect((await sts.of('a.test', suits)).policy?.mx).toEqual(['mx.new.test'])
    publish('a.test', '3')
    published.delete('a.test')
    expect(await sts.of('a.test', () => false)).toMatchObject({
      policy: { mx: ['mx.new.test'] },
      remark: expect.stringMatching(/an older MTA-STS policy: the new one can't be fetched/),
    })
  })

  it('is kept fresh while mail goes to others', async () => {
    const { at, dns, publish, fetched, open } = await world()
    publish('a.test', '1')
    publish('b.test', '1')
    const sts = await open()
    await sts.of('a.test')
    await sts.of('b.test')
    dns.set('_mta-sts.b.test', 'timeout')
    fetched.length = 0
    at.now += 25 * HOUR
    await sts.of('c.test')
    await sts.idle()
    expect(fetched.toSorted()).toEqual(['a.test', 'b.test'])
  })

  it('makes room for newer ones, in memory and on disk', async () => {
    const { publish, folder, open } = await world()
    const sts = await open(2)
    for (const domain of ['a.test', 'b.test', 'c.test']) {
      publish(domain, '1')
      await sts.of(domain)
    }
    await sts.close()
    const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')))
    expect(texts.map((text): unknown => (JSON.parse(text) as { domain: unknown }).domain).toSorted()).toEqual([
      'b.test',
      'c.test',
    ])
  })

  it('that is half a file is passed over', async () => {
    const { publish, folder, problems, fetched, open } = await world()
    publish('a.test', '1')
    const first = await open()
    await first.of('a.test')
    await first.close()
    const [name = ''] = await readdir(folder)
    await writeFile(join(folder, name), '{"domain":"a.te')
    expect((await (await open()).of('a.test')).policy).toEqual(policy())
    expect(problems.map(({ message }) => message)).toEqual([expect.stringMatching(/can't be read/)])
    expect(fetched).toHaveLength(2)
  })
})
