import { beforeEach, describe, expect, it } from 'vitest'
import { installation } from '#test/dsl/api-installation'
import { scriptedDns, type ScriptedDns } from '#test/dsl/dns'

let dns: ScriptedDns = scriptedDns()
beforeEach(() => {
  dns = scriptedDns()
})
const here = installation({ freshDns: () => dns })

interface Shown {
  readonly selector: string
  readonly state: string
  readonly published: string | null
  readonly record: { readonly name: string; readonly value: string; readonly zone: string }
}
const keysOf = (answer: { readonly json: Record<string, unknown> }) => answer.json['keys'] as Shown[]
const states = (answer: { readonly json: Record<string, unknown> }) =>
  keysOf(answer).map(({ selector, state, published }) => `${selector} ${state} ${published}`)

describe('DKIM keys of a domain', () => {
  it('are there with the domain, rotate, start and retire, and never show a private key', async () => {
    const root = await here.api.as('root@one.test')
    expect((await root.post('/domains', { name: 'new.test' })).status).toBe(201)
    const made = await root.get('/domains/new.test/dkim')
    expect(states(made)).toEqual(['mk-2026-01-rsa waiting missing', 'mk-2026-01-ed waiting missing'])
    expect(made.text).not.toMatch(/PRIVATE|sealed/)
    expect(made.json).toMatchObject({ domain: 'new.test', overlapDays: 7 })
    expect(keysOf(made).map(({ record }) => record)).toMatchObject([
      {
        name: 'mk-2026-01-rsa._domainkey.new.test',
        value: expect.stringMatching(/^v=DKIM1; k=rsa; p=MIIB[\w+/]{388}$/),
        zone: expect.stringMatching(/^\S+\. TXT "v=DKIM1[^"]{248}" "[^"]+"$/),
      },
      { value: expect.stringMatching(/^v=DKIM1; k=ed25519; p=[\w+/]{43}=$/) },
    ])

    // Two that wait are enough.
    expect((await root.post('/domains/new.test/dkim/keys')).status).toBe(409)
    const started = await root.post('/domains/new.test/dkim/start', {})
    expect(started.status).toBe(200)
    expect(states(started)).toEqual(['mk-2026-01-rsa signing missing', 'mk-2026-01-ed signing missing'])

    const once = root.with({ 'idempotency-key': 'rotate-once' })
    expect((await once.post('/domains/new.test/dkim/keys')).status).toBe(201)
    const rotated = await once.post('/domains/new.test/dkim/keys')
    expect(rotated.status).toBe(201)
    expect(states(rotated).slice(2)).toEqual(['mk-2026-01-2-rsa waiting missing', 'mk-2026-01-2-ed waiting missing'])
    const selectors = ['mk-2026-01-2-rsa']
    expect(states(await root.post('/domains/new.test/dkim/start', { selectors }))).toEqual([
      'mk-2026-01-rsa replaced missing',
      'mk-2026-01-ed signing missing',
      'mk-2026-01-2-rsa signing missing',
      'mk-2026-01-2-ed waiting missing',
    ])
    const retire = (selector: string, more = {}) => root.post('/domains/new.test/dkim/retire', { selector, ...more })
    expect((await retire('mk-2026-01-2-rsa')).status).toBe(409)
    expect((await retire('nobody')).status).toBe(404)
    expect(states(await retire('mk-2026-01-2-rsa', { force: true }))[2]).toBe('mk-2026-01-2-rsa retired null')
  })

  it('are made for a domain that was hosted before there were any, and say what is published', async () => {
    const dora = await here.api.as('dora@one.test')
    expect(states(await dora.get('/domains/one.test/dkim'))).toEqual([])
    const made = await dora.post('/domains/one.test/dkim/keys')
    expect(made.status).toBe(201)
    const [rsa, ed] = keysOf(made)
    if (rsa === undefined || ed === undefined) throw new Error('no keys')
    dns.set(rsa.record.name, { TXT: [[rsa.record.value]] })
    dns.set(ed.record.name, 'servfail')
    expect(keysOf(await dora.get('/domains/one.test/dkim')).map(({ published }) => published)).toEqual([
      'published',
      'unknown',
    ])
    const check = await dora.get('/domains/one.test/check')
    expect(check.status).toBe(200)
    expect(check.json).toMatchObject({ domain: 'one.test', hostname: 'mx.one.test', ok: false })
    const found = check.json['findings'] as { check: string; status: string }[]
    expect(found.filter((finding) => finding.check === 'dkim').map(({ status }) => status)).toEqual(['ok', 'unknown'])
  })

  it('are those of a hosted domain', async () => {
    const root = await here.api.as('root@one.test')
    for (const path of ['dkim', 'check']) expect((await root.get(`/domains/none.test/${path}`)).status).toBe(404)
    expect((await root.post('/domains/none.test/dkim/keys')).status).toBe(404)
    expect((await root.post('/domains/none.test/dkim/start', {})).status).toBe(404)
  })
})
