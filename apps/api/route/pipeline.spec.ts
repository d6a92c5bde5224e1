import { describe, expect, it } from 'vitest'
import { ApiClient } from '#test/dsl/api-client'
import { installation } from '#test/dsl/api-installation'
import { createApi } from '../api.ts'

const here = installation()

describe('a problem', () => {
  it('is problem+json with everything that was wrong, an id that is known, and no stack', async () => {
    const root = await here.api.as('root@one.test')
    const answer = await root.post('/domains', { name: 'no domain', threshold: 'high', colour: 'red' })
    expect(answer.status).toBe(400)
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
    expect(answer.json).toMatchObject({
      type: 'urn:mailkeep:problem:invalid',
      title: 'The request is not valid',
      status: 400,
      problems: [
        { where: 'body.name', problem: 'expected a domain name, e.g. example.org' },
        { where: 'body.threshold' },
        { where: 'body.colour', problem: 'there is no such field' },
      ],
    })
    expect(answer.json['instance']).toBe(`urn:uuid:${String(answer.json['id'])}`)
    expect(answer.text).not.toContain('.ts:')
  })

  it('is one for what is not served, for bad JSON, for other types, for bodies too large and paths too long', async () => {
    const { anonymous } = here.api
    const seen = async (answer: Promise<{ status: number; json: Readonly<Record<string, unknown>> }>) => {
      const { status, json } = await answer
      return [status, json['status'], json['type']]
    }
    expect(await seen(anonymous.get('/nothing'))).toEqual([404, 404, 'urn:mailkeep:problem:not-found'])
    expect(await seen(anonymous.get('//elsewhere'))).toEqual([404, 404, 'urn:mailkeep:problem:not-found'])
    expect(await seen(anonymous.post('/session', '{"address":'))).toEqual([400, 400, 'urn:mailkeep:problem:invalid'])
    expect(await seen(anonymous.post('/session', '{"__proto__":{}}'))).toEqual([
      400,
      400,
      'urn:mailkeep:problem:invalid',
    ])
    expect(await seen(anonymous.with({ 'content-type': 'text/xml' }).post('/session', '<a/>'))).toEqual([
      415,
      415,
      'urn:mailkeep:problem:not-json',
    ])
    expect(await seen(anonymous.post('/session', { address: 'a'.repeat(2_000_000) }))).toEqual([
      413,
      413,
      'urn:mailkeep:problem:too-large',
    ])
    expect(await seen(anonymous.get(`/mails/${'1'.repeat(2_000)}`))).toEqual([
      414,
      414,
      'urn:mailkeep:problem:address-too-long',
    ])
    expect((await seen(anonymous.get('/mails/%')))[0]).toBe(400)
  })

  it('names the verbs that are served', async () => {
    const answer = await here.api.anonymous.delete('/mails')
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET'])
    expect(answer.json).toMatchObject({ type: 'urn:mailkeep:problem:wrong-method' })
    expect((await here.api.anonymous.put('/session')).headers['allow']).toBe('POST, GET, DELETE')
  })

  it('of a fault hides what happened, and logs it under its id', async () => {
    const { api } = here
    const root = await api.as('root@one.test')
    const broken = await root.get('/projections/none-such')
    expect(broken.status).toBe(404)
    const status = api.parts.projections.status
    Object.assign(api.parts.projections, {
      status: () => {
        throw new Error('open sesame')
      },
    })
    const fault = await root.get('/projections')
    Object.assign(api.parts.projections, { status })
    expect(fault.status).toBe(500)
    expect(fault.text).not.toContain('sesame')
    expect(api.logged).toContainEqual(
      expect.objectContaining({
        about: expect.objectContaining({
          id: fault.json['id'],
          err: expect.objectContaining({ message: 'open sesame' }),
        }),
      }),
    )
  })
})

describe('headers', () => {
  it('keep browsers from guessing, framing and storing, on problems too', async () => {
    for (const path of ['/session', '/nothing', '/quarantine']) {
      const { headers } = await here.api.anonymous.get(path)
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      })
    }
  })
})

describe('an Idempotency-Key', () => {
  it('gives the first answer again, to the same account, at the same path, for the same body', async () => {
    const { api } = here
    const root = (await api.as('root@one.test')).with({ 'idempotency-key': 'one' })
    const body = { address: 'twice@one.test', displayName: 'Twice' }
    const [first, second] = [await root.post('/accounts', body), await root.post('/accounts', body)]
    expect([first.status, second.status, second.text]).toEqual([201, 201, first.text])
    expect(second.headers['idempotency-replayed']).toBe('true')
    expect((await api.parts.events.readStream('account-twice@one.test')).map(({ type }) => type)).toEqual([
      'AccountCreated',
    ])
    expect((await root.post('/accounts', { ...body, displayName: 'Other' })).status).toBe(422)
    const dora = (await api.as('dora@one.test')).with({ 'idempotency-key': 'one' })
    expect((await dora.post('/accounts', { address: 'dora2@one.test' })).status).toBe(201)
    expect((await root.post('/domains', { name: 'new.test' })).status).toBe(201)
  })

  it('makes two at once one', async () => {
    const root = (await here.api.as('root@one.test')).with({ 'idempotency-key': 'two' })
    const answers = await Promise.all([1, 2, 3].map(() => root.post('/accounts', { address: 'once@one.test' })))
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    expect(await here.api.parts.events.readStream('account-once@one.test')).toHaveLength(1)
  })

  it('is recognised after a restart too, by the log', async () => {
    const { api } = here
    const body = { address: 'restart@one.test', password: 'a long enough one' }
    const root = (await api.as('root@one.test')).with({ 'idempotency-key': 'three' })
    expect((await root.post('/accounts', body)).status).toBe(201)
    const before = await api.parts.events.readStream('account-restart@one.test')
    const restarted = await createApi(api.parts)
    const again = await root.on(restarted.app).post('/accounts', body)
    expect([again.status, again.json['address']]).toEqual([201, 'restart@one.test'])
    expect(await api.parts.events.readStream('account-restart@one.test')).toEqual(before)
    expect((await root.post('/domains', { name: 'again.test' })).status).toBe(201)
    expect((await root.on(restarted.app).post('/domains', { name: 'again.test' })).status).toBe(201)
    await restarted.close()
  })

  it('must be one', async () => {
    const root = await here.api.as('root@one.test')
    expect((await root.with({ 'idempotency-key': 'a b' }).post('/domains', { name: 'x.test' })).status).toBe(400)
  })
})

describe('a position', () => {
  it('that a command answered is waited for by a read', async () => {
    const root = await here.api.as('root@one.test')
    for (let n = 0; n < 5; n++) {
      const made = await root.post('/accounts', { address: `fresh${n}@one.test` })
      expect(made.position).toMatch(/^\d{20}$/)
      const list = await root.with({ 'mailkeep-after': made.position }).get('/accounts?limit=500')
      expect(list.items.map(({ address }) => address)).toContain(`fresh${n}@one.test`)
    }
  })

  it('that is not reached within 5 s is a 503, one that is none a 400', async () => {
    const root = await here.api.as('root@one.test')
    expect((await root.with({ 'mailkeep-after': 'soon' }).get('/accounts')).status).toBe(400)
    const behind = await root.with({ 'mailkeep-after': '99999999999999999999' }).get('/accounts')
    expect([behind.status, behind.json['type'], behind.headers['retry-after']]).toEqual([
      503,
      'urn:mailkeep:problem:behind',
      '1',
    ])
    const line = here.api.logged.find(({ about }) => 'id' in about && about.id === behind.json['id'])
    expect(line).toMatchObject({ level: 'warn', sentence: behind.json['detail'] })
    expect(line?.about).not.toHaveProperty('err')
  })
})

describe('a list', () => {
  it('is paged by key and takes only its own cursors and limits', async () => {
    const root = await here.api.as('root@one.test')
    const all = (await root.get('/accounts?limit=500')).items.map(({ address }) => address)
    const paged: unknown[] = []
    let next: unknown = ''
    while (next !== null) {
      const answer = await root.get(`/accounts?limit=3${next === '' ? '' : `&cursor=${String(next)}`}`)
      paged.push(...answer.items.map(({ address }) => address))
      next = answer.json['next']
    }
    expect(paged).toEqual(all)
    expect(all.length).toBeGreaterThan(6)
    for (const query of ['limit=0', 'limit=501', 'limit=many', 'cursor=bm9uc2Vuc2U', 'page=2']) {
      expect([query, (await root.get(`/accounts?${query}`)).status]).toEqual([query, 400])
    }
  })
})

describe('X-Forwarded-For', () => {
  it('is believed only from a trusted proxy', async () => {
    const forged = here.api.anonymous.with({ 'x-forwarded-for': '203.0.113.9' })
    await forged.post('/session', { address: 'forged@one.test', password: 'x' })
    const { events } = await here.api.parts.events.readAll(null, { types: ['SignInRefused'] }, 10)
    expect(events.at(-1)?.data).toMatchObject({ clientAddress: '192.0.2.77' })
    const behind = await createApi({ ...here.api.parts, trustedProxies: ['192.0.2.0/24'] })
    await forged.on(behind.app).post('/session', { address: 'forged@one.test', password: 'x' })
    await behind.close()
    const { events: later } = await here.api.parts.events.readAll(null, { types: ['SignInRefused'] }, 10)
    expect(later.at(-1)?.data).toMatchObject({ clientAddress: '203.0.113.9' })
  })
})

describe('a bearer token', () => {
  it('that is nonsense is refused without a look at anything', async () => {
    for (const bearer of [
      'x',
      'mk1.AAAA.BBBB',
      `mk1.${Buffer.from('ann@one.test').toString('base64url')}.${'A'.repeat(43)}`,
      '',
    ]) {
      const answer = await new ApiClient(here.api.api.app, { authorization: `Bearer ${bearer}` }).get('/quarantine')
      expect([answer.status, answer.headers['www-authenticate']?.startsWith('Bearer')]).toEqual([401, true])
    }
  })
})
