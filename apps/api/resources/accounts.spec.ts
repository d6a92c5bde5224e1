import { beforeAll, describe, expect, it } from 'vitest'
import { MAILBOX_ROUTES } from '#domain/hosted-domain/mailbox-route'
import { PASSWORD } from '#test/dsl/api'
import type { ApiClient } from '#test/dsl/api-client'
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

const NEW_PASSWORD = 'another good password'
const signIn = async (address: string, password: string) =>
  (await here.api.anonymous.post('/session', { address, password })).status

describe('an account', () => {
  it('is made with all it has, and can sign in', async () => {
    const made = await dora.post('/accounts', {
      address: 'Carl@One.Test',
      displayName: 'Carl',
      timeZone: 'Europe/Vienna',
      language: 'de',
      aliases: ['sales@one.test'],
      quota: { mailsPerDay: 5, recipientsPerDay: 6 },
      password: NEW_PASSWORD,
    })
    const carl = {
      address: 'carl@one.test',
      displayName: 'Carl',
      roles: ['user'],
      aliases: ['sales@one.test'],
      timeZone: 'Europe/Vienna',
      language: 'de',
      quota: { mailsPerDay: 5, recipientsPerDay: 6 },
      suspended: false,
      sendAs: [],
      forwarding: null,
      source: 'own',
    }
    expect([made.status, made.json]).toEqual([201, { ...carl, approvals: [] }])
    expect((await root.get('/accounts/carl@one.test')).json).toEqual(carl)
    expect(await signIn('carl@one.test', NEW_PASSWORD)).toBe(201)
    expect((await here.api.parts.events.readStream('account-carl@one.test')).map(({ type }) => type)).toContain(
      'PasswordSet',
    )
  })

  it('has an address of its own in a hosted domain', async () => {
    expect((await root.post('/accounts', { address: 'ann@one.test' })).status).toBe(409)
    expect((await root.post('/accounts', { address: 'sales@one.test' })).status).toBe(409)
    expect((await root.post('/accounts', { address: 'x@elsewhere.test' })).status).toBe(404)
    expect((await dora.post('/accounts', { address: 'x@two.test' })).status).toBe(403)
    const short = await root.post('/accounts', { address: 'y@one.test', password: 'short' })
    expect([short.status, short.json['problems']]).toEqual([
      400,
      [{ where: 'body.password', problem: 'expected at least 10 characters' }],
    ])
    expect((await root.get('/accounts/y@one.test')).status).toBe(404)
  })

  it('changes, aliases too', async () => {
    const changed = await dora.patch('/accounts/ann@one.test', { displayName: 'Ann B.', aliases: ['hello@one.test'] })
    expect([changed.status, changed.json]).toMatchObject([
      200,
      { displayName: 'Ann B.', aliases: ['hello@one.test'], quota: { mailsPerDay: 500 } },
    ])
    expect((await dora.patch('/accounts/ann@one.test', { aliases: ['hi@one.test'] })).json).toMatchObject({
      aliases: ['hi@one.test'],
    })
    expect((await dora.patch('/accounts/ann@one.test', { aliases: ['hi@two.test'] })).status).toBe(403)
    expect((await dora.patch('/accounts/ann@one.test', { timeZone: 'Mars/Olympus' })).status).toBe(400)
    expect((await root.patch('/accounts/nobody@one.test', { displayName: 'x' })).status).toBe(404)
  })

  it('changes its quota one limit at a time, from what holds now', async () => {
    const quotaAfter = async (quota: unknown) => (await root.patch('/accounts/ben@one.test', { quota })).json['quota']
    expect(await quotaAfter({ mailsPerDay: 7 })).toEqual({ mailsPerDay: 7, recipientsPerDay: 2_000 })
    expect(await quotaAfter({ recipientsPerDay: 8 })).toEqual({ mailsPerDay: 7, recipientsPerDay: 8 })
    expect(await quotaAfter(null)).toEqual({ mailsPerDay: 500, recipientsPerDay: 2_000 })
    const wrong = await root.patch('/accounts/ben@one.test', { quota: { mailsPerDay: 7, mailsADay: 7 } })
    expect([wrong.status, wrong.json['problems']]).toMatchObject([400, [{ where: 'body.quota.mailsADay' }]])
    expect((await root.patch('/accounts/ben@one.test', { quota: {} })).status).toBe(400)
  })

  it('is removed, and its address is free', async () => {
    await root.post('/accounts', { address: 'gone@one.test', password: NEW_PASSWORD })
    const session = await here.api.anonymous.post('/session', { address: 'gone@one.test', password: NEW_PASSWORD })
    const gone = here.api.anonymous.with({ authorization: `Bearer ${String(session.json['token'])}` })
    expect((await gone.get('/quarantine')).status).toBe(200)
    expect((await dora.delete('/accounts/gone@one.test')).status).toBe(204)
    expect((await gone.get('/quarantine')).status).toBe(401)
    expect(await signIn('gone@one.test', NEW_PASSWORD)).toBe(401)
    expect((await root.post('/accounts', { address: 'gone@one.test' })).status).toBe(201)
  })
})

describe('a password', () => {
  it('is changed by its owner who knows the one of now, by an administrator, and all sessions end', async () => {
    await root.post('/accounts', { address: 'pat@one.test', password: PASSWORD })
    const pat = await here.api.as('pat@one.test')
    expect(
      (await pat.post('/accounts/pat@one.test/password', { current: 'wrong one', password: NEW_PASSWORD })).status,
    ).toBe(400)
    expect(
      (await pat.post('/accounts/pat@one.test/password', { current: PASSWORD, password: NEW_PASSWORD })).status,
    ).toBe(204)
    expect((await pat.get('/quarantine')).status).toBe(401)
    expect([await signIn('pat@one.test', PASSWORD), await signIn('pat@one.test', NEW_PASSWORD)]).toEqual([401, 201])
    expect((await dora.patch('/accounts/pat@one.test', { password: PASSWORD })).status).toBe(200)
    expect(await signIn('pat@one.test', PASSWORD)).toBe(201)
    expect((await dora.patch('/accounts/root@one.test', { password: NEW_PASSWORD })).status).toBe(403)
  })
})

describe('the account of an administrator or officer', () => {
  it("is out of reach for its domain's administrator, whatever of it would change", async () => {
    const { events } = here.api.parts
    const before = await events.lastPosition()
    for (const address of ['root@one.test', 'olga@one.test']) {
      const path = `/accounts/${address}`
      const answers = [
        await dora.patch(path, { displayName: 'x' }),
        await dora.patch(path, { aliases: ['boss@one.test'] }),
        await dora.patch(path, { quota: { mailsPerDay: 1 } }),
        await dora.patch(path, {}),
        await dora.put(`${path}/block-list/@mailkeep.example`),
        await dora.delete(`${path}/block-list/@mailkeep.example`),
        await dora.delete(path),
      ]
      expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403, 403])
    }
    expect(await events.lastPosition()).toBe(before)
    expect((await root.patch('/accounts/olga@one.test', { aliases: ['audit@one.test'] })).status).toBe(200)
    expect((await dora.patch('/accounts/dora@one.test', { displayName: 'Dora' })).status).toBe(200)
  })
})

describe('roles', () => {
  it('come from an administrator, and never for oneself', async () => {
    expect((await root.patch('/accounts/ben@one.test', { roles: ['user', 'domain-admin'] })).json).toMatchObject({
      roles: ['user', 'domain-admin'],
    })
    expect((await root.patch('/accounts/ben@one.test', { roles: ['user'] })).json).toMatchObject({ roles: ['user'] })
    expect((await root.patch('/accounts/root@one.test', { roles: ['user'] })).status).toBe(403)
    expect((await dora.patch('/accounts/ben@one.test', { roles: ['user', 'domain-admin'] })).status).toBe(403)
    expect((await dora.post('/accounts', { address: 'boss@one.test', roles: ['admin'] })).status).toBe(403)
    expect((await ann.patch('/accounts/ann@one.test', { roles: ['admin'] })).status).toBe(403)
  })

  it('make an officer only with a second person, or after a day where there is but one administrator', async () => {
    const asked = await root.patch('/accounts/ben@one.test', { roles: ['user', 'compliance'] })
    expect([asked.status, asked.json]).toMatchObject([
      202,
      { roles: ['user'], approvals: [{ state: 'waiting', dueAt: '2026-01-02T00:00:00.000Z' }] },
    ])
    const [approval] = asked.json['approvals'] as { id: string }[]
    const waiting = await root.with({ 'mailkeep-after': asked.position }).get('/approvals?state=waiting')
    expect(waiting.items).toMatchObject([
      {
        id: approval?.id,
        kind: 'roles',
        account: 'ben@one.test',
        roles: ['user', 'compliance'],
        requestedBy: 'root@one.test',
      },
    ])
    expect((await root.post(`/approvals/${approval?.id}/approve`)).status).toBe(403)
    const olga = await here.api.as('olga@one.test')
    const approved = await olga.post(`/approvals/${approval?.id}/approve`)
    expect([approved.status, approved.json]).toMatchObject([200, { state: 'applied', decidedBy: 'olga@one.test' }])
    expect((await root.get('/accounts/ben@one.test')).json).toMatchObject({ roles: ['user', 'compliance'] })
  })

  it("keep an officer's password from being set by one person", async () => {
    const asked = await root.patch('/accounts/olga@one.test', { password: NEW_PASSWORD })
    expect(asked.status).toBe(202)
    expect([await signIn('olga@one.test', NEW_PASSWORD), await signIn('olga@one.test', PASSWORD)]).toEqual([401, 201])
    const [approval] = asked.json['approvals'] as { id: string }[]
    const olga = await here.api.as('olga@one.test')
    expect((await olga.post(`/approvals/${approval?.id}/approve`)).status).toBe(403)
    expect((await olga.post(`/approvals/${approval?.id}/refuse`, { reason: 'not me' })).json).toMatchObject({
      state: 'refused',
      reason: 'not me',
    })
    expect((await here.api.parts.events.readStream(`approval-${approval?.id}`)).map(({ type }) => type)).toEqual([
      'ApprovalRequested',
      'ApprovalRefused',
    ])
  })
})

describe('a domain', () => {
  it('is added, changed by its own administrator, and removed when it is empty', async () => {
    expect((await root.post('/domains', { name: 'Bücher.test', threshold: 7 })).json).toMatchObject({
      name: 'xn--bcher-kva.test',
      threshold: 7,
      allowListGuard: true,
    })
    expect((await dora.patch('/domains/one.test', { allowListGuard: false })).json).toMatchObject({
      name: 'one.test',
      allowListGuard: false,
    })
    expect((await dora.get('/domains/two.test')).status).toBe(403)
    expect((await root.get('/domains')).items.map(({ name }) => name)).toEqual([
      'one.test',
      'two.test',
      'xn--bcher-kva.test',
    ])
    expect((await root.delete('/domains/one.test')).status).toBe(409)
    expect((await root.delete('/domains/xn--bcher-kva.test')).status).toBe(204)
    expect((await root.get('/domains/xn--bcher-kva.test')).status).toBe(404)
    expect((await root.post('/domains', { name: 'one.test' })).status).toBe(409)
    expect((await root.post('/domains', { name: 'One.Test', threshold: 3 })).status).toBe(409)
    // With the settings it has, too: who makes something must hear that it was there.
    expect((await root.post('/domains', { name: 'two.test' })).status).toBe(409)
  })

  it('has its mailboxes at a host that is known', async () => {
    const refused = [
      await root.post('/domains', { name: 'three.test', mailboxHost: 'dovecot' }),
      await dora.patch('/domains/one.test', { mailboxHost: 'dovecot' }),
    ]
    for (const answer of refused) {
      expect([answer.status, answer.json['problems']]).toEqual([
        400,
        [{ where: 'body.mailboxHost', problem: MAILBOX_ROUTES }],
      ])
    }
    expect((await root.get('/domains/three.test')).status).toBe(404)
    expect((await dora.patch('/domains/one.test', { mailboxHost: 'maildir' })).status).toBe(200)
  })

  it('has its recipients known elsewhere when an administrator says so; the password is kept, never shown and sent nowhere else', async () => {
    const ldap = { kind: 'ldap', url: 'ldap://127.0.0.1:1', bindDn: 'cn=reader,dc=test', base: 'dc=test' }
    const change = async (recipientSource: unknown, by = root) =>
      (await by.patch('/domains/two.test', { recipientSource })).status
    expect(await change('rcpt')).toBe(400)
    expect(await change('ldap')).toBe(400)
    expect(await change(ldap)).toBe(400)
    expect(await change({ ...ldap, url: 'http://127.0.0.1', password: 'reader-secret' })).toBe(400)
    expect(await change('own', await here.api.as('otto@two.test'))).toBe(403)
    const set = await root.patch('/domains/two.test', { recipientSource: { ...ldap, password: 'reader-secret' } })
    expect([set.status, set.json['recipientSource']]).toMatchObject([
      200,
      { ...ldap, startTls: false, passwordSet: true },
    ])
    const stored = JSON.stringify(await here.api.parts.events.readStream('domain-two.test'))
    expect(stored).not.toContain('reader-secret')
    expect(set.text).not.toMatch(/sealed|reader-secret/)

    expect(await change({ ...ldap, base: 'ou=people,dc=test' })).toBe(200)
    expect(await change({ ...ldap, startTls: true })).toBe(200)
    for (const elsewhere of [{ url: 'ldap://192.0.2.1' }, { bindDn: 'cn=admin,dc=test' }, { startTls: false }])
      expect(await change({ ...ldap, startTls: true, ...elsewhere })).toBe(400)

    const asked = await root.post('/domains/two.test/directory/sync', {})
    expect([asked.status, asked.json]).toMatchObject([202, { recipientSource: 'ldap', syncedAt: null, problem: null }])
    expect((await root.get('/domains/two.test/directory')).json).toMatchObject({
      recipientSource: 'ldap',
      result: null,
    })
    expect(await change('own')).toBe(200)
    expect((await root.post('/domains/two.test/directory/sync', {})).status).toBe(409)
  })
})

describe('a group', () => {
  it('has members, which change, until it is removed', async () => {
    const made = await dora.post('/groups', {
      address: 'team@one.test',
      displayName: 'Team',
      members: ['ann@one.test'],
    })
    expect(made.status).toBe(201)
    expect((await dora.patch('/groups/team@one.test', { members: ['ann@one.test', 'ben@one.test'] })).json).toEqual({
      address: 'team@one.test',
      displayName: 'Team',
      members: ['ann@one.test', 'ben@one.test'],
    })
    expect((await dora.get('/groups/team@one.test')).json).toMatchObject({ members: ['ann@one.test', 'ben@one.test'] })
    expect((await dora.patch('/groups/team@one.test', { members: ['uma@two.test', 'ann+x@one.test'] })).status).toBe(
      200,
    )
    const gone = await dora.patch('/groups/team@one.test', {
      members: ['uma@two.test', 'Someone@Elsewhere.test', 'nobody@two.test'],
    })
    expect([gone.status, gone.json['problems']]).toEqual([
      400,
      [{ where: 'body.members.2', problem: 'there is no nobody@two.test' }],
    ])
    const away = await dora.post('/groups', { address: 'away@one.test', members: ['someone@elsewhere.test'] })
    expect([away.status, (await dora.get('/groups/away@one.test')).status]).toEqual([201, 200])
    expect((await dora.delete('/groups/team@one.test')).status).toBe(204)
    expect((await dora.get('/groups/team@one.test')).status).toBe(404)
  })
})

describe('the lists of senders', () => {
  const byAnn = { since: '2026-01-01T00:00:00.000Z', by: { kind: 'account', address: 'ann@one.test' } }

  it('take addresses and domains, each on one list only', async () => {
    expect(
      (await ann.put('/accounts/ann@one.test/block-list/Cara%40Outside.Example', { note: 'too many offers' })).json,
    ).toEqual({ entry: 'cara@outside.example', note: 'too many offers', ...byAnn })
    expect((await ann.put('/accounts/ann@one.test/block-list/%40outside.example')).status).toBe(200)
    expect((await ann.get('/accounts/ann@one.test/block-list')).items).toEqual([
      { entry: '@outside.example', note: null, ...byAnn },
      { entry: 'cara@outside.example', note: 'too many offers', ...byAnn },
    ])
    await ann.put('/accounts/ann@one.test/allow-list/cara@outside.example')
    expect((await ann.get('/accounts/ann@one.test/block-list')).items.map(({ entry }) => entry)).toEqual([
      '@outside.example',
    ])
    expect((await ann.delete('/accounts/ann@one.test/allow-list/cara@outside.example')).status).toBe(204)
    expect((await ann.get('/accounts/ann@one.test/allow-list')).items).toEqual([])
    expect((await ann.put('/accounts/ann@one.test/allow-list/nonsense')).status).toBe(400)
    expect((await ann.put('/accounts/ben@one.test/allow-list/x@y.test')).status).toBe(403)
    expect((await dora.put('/domains/one.test/block-list/.spam.test')).json).toMatchObject({
      entry: '.spam.test',
      note: null,
      by: { kind: 'account', address: 'dora@one.test' },
    })
  })

  it('say since when, and by whom, whatever note comes later', async () => {
    const { clock } = here.api
    const list = async () => (await ann.get('/accounts/ann@one.test/block-list')).items
    const blocked = async (entry: string) => (await list()).find((one) => one['entry'] === entry)
    await ann.put('/accounts/ann@one.test/block-list/dated@outside.example')
    clock.now += 60_000
    const noted = await dora.put('/accounts/ann@one.test/block-list/Dated@outside.example', { note: 'still' })
    const since = { entry: 'dated@outside.example', note: 'still', ...byAnn }
    expect([noted.json, await blocked('dated@outside.example')]).toEqual([since, since])
    await ann.put('/accounts/ann@one.test/allow-list/dated@outside.example')
    clock.now += 60_000
    await dora.put('/accounts/ann@one.test/block-list/dated@outside.example')
    expect(await blocked('dated@outside.example')).toMatchObject({
      note: null,
      since: '2026-01-01T00:02:00.000Z',
      by: { address: 'dora@one.test' },
    })
    clock.now -= 120_000
  })

  it('are those of who exists, and leave nothing behind for others', async () => {
    const { events } = here.api.parts
    const before = await events.lastPosition()
    for (const owner of ['/accounts/nobody@one.test', '/domains/elsewhere.test']) {
      for (const list of ['allow-list', 'block-list']) {
        const answers = [
          await root.get(`${owner}/${list}`),
          await root.put(`${owner}/${list}/@bad.example`),
          await root.delete(`${owner}/${list}/@bad.example`),
        ]
        expect(answers.map(({ status }) => status)).toEqual([404, 404, 404])
      }
    }
    expect(await events.lastPosition()).toBe(before)
  })

  it('have no wildcards, and say how everybody of a domain is written', async () => {
    const wild = await ann.put('/accounts/ann@one.test/block-list/*@bad.example')
    expect([wild.status, wild.json['problems']]).toEqual([
      400,
      [{ where: 'path.entry', problem: 'entries have no wildcards: write @bad.example' }],
    ])
  })
})
