import { describe, expect, it } from 'vitest'
import { PASSWORD } from '#test/dsl/api'
import { ApiClient } from '#test/dsl/api-client'
import { installation } from '#test/dsl/api-installation'

const here = installation()

const cookieOf = (setCookie: string | undefined): string => String(setCookie).split(';')[0] ?? ''

describe('signing in', () => {
  it('answers a token that works at once, and never again once signed out', async () => {
    const { api } = here
    const answer = await api.anonymous.post('/session', { address: 'Ann@ONE.test', password: PASSWORD })
    expect(answer.status).toBe(201)
    expect(answer.json).toMatchObject({
      address: 'ann@one.test',
      roles: ['user'],
      expiresAt: '2026-01-01T12:00:00.000Z',
    })
    const ann = new ApiClient(api.api.app, { authorization: `Bearer ${String(answer.json['token'])}` })
    expect((await ann.get('/session')).json).toMatchObject({ signedIn: true, address: 'ann@one.test' })
    expect((await ann.get('/quarantine')).status).toBe(200)
    expect((await ann.delete('/session')).status).toBe(204)
    expect((await ann.get('/quarantine')).status).toBe(401)
    expect((await ann.get('/session')).json).toMatchObject({ signedIn: false, address: null, roles: [] })
  })

  it('ends with its time', async () => {
    const { api } = here
    const ann = await api.as('ann@one.test')
    api.clock.now += 12 * 60 * 60 * 1_000
    expect((await ann.get('/quarantine')).status).toBe(401)
  })

  it('keeps the token nowhere but with who signed in', async () => {
    const { api } = here
    const answer = await api.anonymous.post('/session', { address: 'ann@one.test', password: PASSWORD })
    const events = await api.parts.events.readStream('account-ann@one.test')
    expect(JSON.stringify(events)).not.toContain(String(answer.json['token']))
    expect(JSON.stringify(events)).not.toContain(PASSWORD)
  })

  it('says the same of a wrong password and of an account that is not there, and records both', async () => {
    const { api } = here
    const wrong = await api.anonymous.post('/session', { address: 'ann@one.test', password: 'not the password' })
    const unknown = await api.anonymous.post('/session', { address: 'nobody@one.test', password: 'not the password' })
    expect([wrong.status, unknown.status]).toEqual([401, 401])
    expect(wrong.json['detail']).toBe(unknown.json['detail'])
    const { events } = await api.parts.events.readAll(null, { types: ['SignInRefused'] }, 10)
    expect(events.map(({ data }) => data)).toEqual([
      { address: 'ann@one.test', clientAddress: '192.0.2.77', reason: 'wrong-password' },
      { address: 'nobody@one.test', clientAddress: '192.0.2.77', reason: 'unknown-account' },
    ])
  })

  it('is limited per account and per client address, even when all come at once', async () => {
    const { api } = here
    api.clock.now += 24 * 60 * 60 * 1_000
    const attempt = (address: string, from: string) =>
      api.anonymous.send('POST', '/session', { address, password: 'not the password' }, from)
    const statuses = (
      await Promise.all(Array.from({ length: 13 }, (_, n) => attempt('ben@one.test', `192.0.2.${100 + n}`)))
    ).map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(10)
    expect(statuses.filter((status) => status === 429)).toHaveLength(3)
    const limited = await attempt('ben@one.test', '192.0.2.99')
    expect(limited.status).toBe(429)
    expect(Number(limited.headers['retry-after'])).toBe(15 * 60)
    // Ten wrong passwords stop one account, not everybody behind the same address.
    const document = { failedSignInsPerAddress: 12 }
    await api.parts.commands.policy(
      'accounts',
      { kind: 'set-policy', name: 'accounts', document, reason: 'a spec' },
      api.asked(),
    )
    await Promise.all(Array.from({ length: 11 }, (_, n) => attempt(`guess${n}@one.test`, '198.51.100.1')))
    expect((await attempt('ann@one.test', '198.51.100.1')).status).toBe(401)
    expect((await attempt('ann@one.test', '198.51.100.1')).status).toBe(429)
    expect((await attempt('ann@one.test', '198.51.100.2')).status).toBe(401)
    api.clock.now += 15 * 60 * 1_000 + 1
    const right = await api.anonymous.post('/session', { address: 'ben@one.test', password: PASSWORD })
    expect(right.status).toBe(201)
  })
})

describe('a browser', () => {
  it('gets the session as a cookie no script can read, and needs the CSRF token to change anything', async () => {
    const { api } = here
    const answer = await api.anonymous.post('/session', { address: 'ann@one.test', password: PASSWORD })
    expect(answer.headers['set-cookie']).toMatch(
      /^mailkeep_session=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    )
    const cookie = { cookie: cookieOf(answer.headers['set-cookie']) }
    const browser = new ApiClient(api.api.app, cookie)
    const session = await browser.get('/session')
    expect(session.json).toMatchObject({ signedIn: true, csrfToken: answer.json['csrfToken'] })
    expect((await browser.get('/quarantine')).status).toBe(200)
    expect((await browser.delete('/session')).status).toBe(403)
    expect((await browser.with({ 'x-csrf-token': 'guessed' }).delete('/session')).status).toBe(403)
    expect((await browser.with({ 'x-csrf-token': String(session.json['csrfToken']) }).delete('/session')).status).toBe(
      204,
    )
    expect((await browser.get('/quarantine')).status).toBe(401)
  })
})

describe('an API token', () => {
  it('may what its scopes say, is listed without its secret, and is over when revoked', async () => {
    const { api } = here
    const ann = await api.as('ann@one.test')
    const issued = await ann.post('/tokens', { name: 'digest reader', scopes: ['quarantine:read'] })
    expect(issued.status).toBe(201)
    const program = new ApiClient(api.api.app, { authorization: `Bearer ${String(issued.json['token'])}` })
    expect((await program.get('/quarantine')).status).toBe(200)
    expect((await program.get('/mails')).status).toBe(403)
    expect((await program.get('/tokens')).status).toBe(403)
    expect(
      (
        await program.post('/quarantine/discard', {
          items: [{ mail: '01JNA000000000000000000009', recipient: 'ann@one.test' }],
        })
      ).status,
    ).toBe(403)
    const { items } = await ann.get('/tokens')
    expect(items).toEqual([
      {
        id: issued.json['id'],
        name: 'digest reader',
        scopes: ['quarantine:read'],
        expiresAt: issued.json['expiresAt'],
      },
    ])
    expect((await ann.delete(`/tokens/${String(issued.json['id'])}`)).status).toBe(204)
    expect((await program.get('/quarantine')).status).toBe(401)
  })

  it('is refused with scopes there are none of, and with a life longer than policy gives', async () => {
    const ann = await here.api.as('ann@one.test')
    const unknown = await ann.post('/tokens', { name: 'x', scopes: ['everything'] })
    expect(unknown.status).toBe(400)
    expect(unknown.json['problems']).toMatchObject([{ where: 'body.scopes.0' }])
    expect((await ann.post('/tokens', { name: 'x', scopes: [], expiresAt: '2099-01-01T00:00:00Z' })).status).toBe(400)
  })
})
