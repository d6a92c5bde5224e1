import { beforeAll, describe, expect, it } from 'vitest'
import { PASSWORD } from '#test/dsl/api'
import { ApiClient } from '#test/dsl/api-client'
import { installation } from '#test/dsl/api-installation'

const here = installation()
let root: ApiClient
let dora: ApiClient
let ann: ApiClient

beforeAll(async () => {
  root = await here.api.as('root@one.test')
  dora = await here.api.as('dora@one.test')
  ann = await here.api.as('ann@one.test')
})

const signIn = async (address: string, password = PASSWORD) =>
  (await here.api.anonymous.post('/session', { address, password })).status
const submits = (address: string, password: string) =>
  here.api.parts.credentials.verify({
    address,
    password,
    clientAddress: '192.0.2.9',
    now: here.api.clock.now,
    appPasswords: true,
  })

describe('app passwords', () => {
  const path = '/accounts/ann@one.test/app-passwords'

  it('are shown once, hold for mail clients alone, and are revoked one by one', async () => {
    const made = await ann.post(path, { name: 'Phone' })
    const { id, password } = made.json as { id: string; password: string }
    expect([made.status, made.json['name'], made.headers['cache-control']]).toEqual([201, 'Phone', 'no-store'])
    expect(password).toMatch(/^([a-z2-7]{4}-){5}[a-z2-7]{4}$/)
    const shown = { id, name: 'Phone', issuedAt: '2026-01-01T00:00:00.000Z' }
    for (const client of [ann, dora, root]) expect((await client.get(path)).items).toEqual([shown])
    expect(JSON.stringify(await here.api.parts.events.readStream('account-ann@one.test'))).not.toContain(password)
    expect(await submits('ann@one.test', password)).toMatchObject({ kind: 'accepted', credential: { id } })
    expect(await signIn('ann@one.test', password)).toBe(401)
    expect((await dora.post(path, { name: 'x' })).status).toBe(403)
    expect((await ann.delete(`${path}/nothing`)).status).toBe(404)
    expect((await dora.delete(`${path}/${id}`)).status).toBe(204)
    expect(await submits('ann@one.test', password)).toMatchObject({ kind: 'refused' })
    expect((await ann.get(path)).items).toEqual([])
    expect((await dora.get('/accounts/root@one.test/app-passwords')).status).toBe(403)
  })
})

describe('a suspension', () => {
  it('ends sessions, refuses every password and token, and is lifted again', async () => {
    const uma = await here.api.as('uma@two.test')
    const program = await here.api.withToken('uma@two.test', ['quarantine:read'])
    const made = await uma.post('/accounts/uma@two.test/app-passwords', { name: 'Phone' })
    const phone = String(made.json['password'])
    const path = '/accounts/uma@two.test'
    expect((await root.patch(path, { suspended: true })).json['problems']).toMatchObject([{ where: 'body.reason' }])
    const suspended = await root.patch(path, { suspended: true, reason: 'sends spam' })
    expect([suspended.status, suspended.json['suspended']]).toEqual([200, true])
    expect((await uma.get('/quarantine')).status).toBe(401)
    expect((await program.get('/quarantine')).status).toBe(401)
    expect(await signIn('uma@two.test')).toBe(401)
    expect(await submits('uma@two.test', phone)).toEqual({ kind: 'refused', because: 'suspended' })
    expect((await root.get('/accounts?domain=two.test')).items).toContainEqual(
      expect.objectContaining({ address: 'uma@two.test', suspended: true }),
    )
    expect((await root.patch(path, { suspended: false })).json['suspended']).toBe(false)
    expect((await uma.get('/quarantine')).status).toBe(401)
    expect((await program.get('/quarantine')).status).toBe(200)
    expect((await submits('uma@two.test', phone)).kind).toBe('accepted')
    expect(await signIn('uma@two.test')).toBe(201)
  })

  it('is for administrators, never of oneself or of an officer', async () => {
    const act = { suspended: true, reason: 'x' }
    expect((await root.patch('/accounts/root@one.test', act)).status).toBe(403)
    expect((await root.patch('/accounts/olga@one.test', act)).status).toBe(403)
    expect((await dora.patch('/accounts/root@one.test', act)).status).toBe(403)
    expect((await dora.patch('/accounts/uma@two.test', act)).status).toBe(403)
    expect((await ann.patch('/accounts/ann@one.test', act)).status).toBe(403)
  })

  it('says what becomes of held mail before it is lifted', async () => {
    const { api } = here
    await dora.patch('/accounts/ben@one.test', { suspended: true, reason: 'x' })
    await api.mail(
      [{ address: 'x@remote.test', mailbox: 'x@remote.test' }],
      { flow: 'system', account: 'ben@one.test' },
      { kind: 'hold', recipient: 'x@remote.test', by: 'suspension' },
    )
    await api.settled()
    const path = '/accounts/ben@one.test'
    const asked = await dora.patch(path, { suspended: false })
    expect([asked.status, asked.json['problems']]).toMatchObject([400, [{ where: 'body.held' }]])
    expect((await dora.patch(path, { suspended: false, held: 'bounce' })).status).toBe(200)
    const { events } = await api.parts.events.readAll(null, { types: ['AccountReinstated'] }, 10)
    expect(events.map(({ data }) => data)).toContainEqual({ by: 'dora@one.test', held: 'bounce' })
  })
})

describe('granted identities', () => {
  it('are addresses of hosted domains, granted by who administers them', async () => {
    const path = '/accounts/ann@one.test'
    const granted = await dora.patch(path, { sendAs: ['Sales@One.test'] })
    expect([granted.status, granted.json['sendAs']]).toEqual([200, ['sales@one.test']])
    expect((await ann.get(path)).json['sendAs']).toEqual(['sales@one.test'])
    expect((await dora.get('/accounts')).items).toContainEqual(expect.objectContaining({ sendAs: ['sales@one.test'] }))
    expect((await dora.patch(path, { sendAs: ['info@two.test'] })).status).toBe(403)
    expect((await dora.patch(path, { sendAs: ['root@one.test'] })).status).toBe(403)
    expect((await root.patch(path, { sendAs: ['x@elsewhere.test'] })).status).toBe(404)
    expect((await root.patch(path, { sendAs: ['info@two.test'] })).json['sendAs']).toEqual(['info@two.test'])
    expect((await root.patch(path, { sendAs: [] })).json['sendAs']).toEqual([])
  })
})
