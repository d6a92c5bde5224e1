import { aggregates } from '#infra/commands/aggregates'
import { SendingQuota } from '#infra/commands/sending-quota'
import { beforeAll, describe, expect, it } from 'vitest'
import { ApiClient } from '#test/dsl/api-client'
import { installation } from '#test/dsl/api-installation'
import { clean, judge, recordDelivery, recordScan, scored, tryLater } from '#test/dsl/mail'

const here = installation()
const ANN = { address: 'ann@one.test', mailbox: 'ann@one.test' }
let root: ApiClient

beforeAll(async () => {
  root = await here.api.as('root@one.test')
})

describe('the queue', () => {
  it('shows what waits, and takes retry, hold, unhold and bounce', async () => {
    const { api } = here
    const mail = await api.mail(
      [ANN],
      {},
      recordScan(clean),
      judge(scored('ann@one.test', 1)),
      recordDelivery('ann@one.test', tryLater, 1, api.clock.now),
    )
    await api.settled()
    const listed = await root.get('/queue')
    expect(listed.items).toMatchObject([
      {
        mail,
        recipient: 'ann@one.test',
        state: 'deferred',
        attempts: 1,
        held: false,
        dueAt: '2026-01-01T00:01:00.000Z',
        reply: { code: 451 },
        host: 'maildir',
      },
    ])
    const act = async (verb: string) => (await root.post(`/queue/${mail}/ann@one.test/${verb}`)).json
    expect(await act('hold')).toMatchObject({ mail, recipient: 'ann@one.test', state: 'deferred', held: true })
    expect((await root.get(`/queue/${mail}/ann@one.test`)).json).toMatchObject({ held: true })
    expect(await act('unhold')).toMatchObject({ held: false })
    expect(await act('retry')).toMatchObject({ dueAt: '2026-01-01T00:00:00.000Z' })
    const bounced = await root.post(`/queue/${mail}/ann@one.test/bounce`, { reason: 'the host is gone for good' })
    expect([bounced.status, bounced.json]).toMatchObject([200, { state: 'bounced' }])
    expect(api.logged).toContainEqual({
      level: 'info',
      sentence: 'bounce, with a reason',
      about: expect.objectContaining({
        act: 'bounce',
        mail,
        recipient: 'ann@one.test',
        by: 'root@one.test',
        reason: 'the host is gone for good',
      }),
    })
    expect((await root.post(`/queue/${mail}/ann@one.test/bounce`, { because: 'x' })).status).toBe(400)
    expect((await root.get(`/queue/${mail}/ann@one.test`)).status).toBe(404)
    expect((await root.post(`/queue/${mail}/ben@one.test/retry`)).status).toBe(404)
  })
})

describe('a policy', () => {
  it('is set as a whole, with a reason, and keeps its versions', async () => {
    expect((await root.get('/policies')).items.map(({ name, version }) => [name, version])).toEqual([
      ['edge', 0],
      ['inspection', 0],
      ['delivery', 0],
      ['storage', 0],
      ['accounts', 0],
      ['submission', 0],
      ['relay', 0],
      ['digest', 0],
      ['archive', 0],
    ])
    const set = await root.put('/policies/inspection', {
      document: { threshold: 6 },
      reason: 'too many complaints',
      expectedVersion: 0,
    })
    expect([set.status, set.json]).toMatchObject([
      200,
      { name: 'inspection', version: 1, document: { threshold: 6, parallel: 8 } },
    ])
    expect((await root.put('/policies/inspection', { document: {}, reason: 'x', expectedVersion: 0 })).status).toBe(409)
    const bad = await root.put('/policies/inspection', { document: { threshold: -1, colour: 'red' }, reason: 'x' })
    expect([bad.status, (bad.json['problems'] as unknown[]).length]).toEqual([400, 2])
    expect((await root.put('/policies/inspection', {})).status).toBe(400)
    await root.put('/policies/inspection', { document: { threshold: 5 }, reason: 'back' })
    const versions = await root.get('/policies/inspection/versions?limit=1')
    expect(versions.items).toMatchObject([
      { version: 2, reason: 'back', by: { kind: 'account', address: 'root@one.test' } },
    ])
    const older = await root.get(`/policies/inspection/versions?limit=1&cursor=${String(versions.json['next'])}`)
    expect(older.items).toMatchObject([{ version: 1, reason: 'too many complaints' }])
    const first = await root.get(`/policies/inspection/versions?limit=1&cursor=${String(older.json['next'])}`)
    expect([first.items, first.json['next']]).toMatchObject([
      [{ version: 0, at: null, by: null, reason: 'built in', document: { threshold: 5 } }],
      null,
    ])
    expect((await root.get('/policies/inspection/versions')).items.map(({ version }) => version)).toEqual([2, 1, 0])
    expect((await root.get('/policies/delivery/versions')).items).toMatchObject([{ version: 0 }])
  })

  it('takes back what it was shown as, changed, unless another version came between', async () => {
    const shown = (await root.get('/policies/storage')).json as { name: string; version: number; document: object }
    const changed = { ...shown, document: { ...shown.document, lag: 60_000 } }
    const set = await root.put('/policies/storage', changed)
    expect([set.status, set.json]).toEqual([200, { ...changed, version: 1 }])
    expect((await root.get('/policies/storage/versions')).items[0]).toMatchObject({ reason: 'changed by API' })
    const again = { ...shown, document: { ...shown.document, lag: 70_000 } }
    expect((await root.put('/policies/storage', again)).status).toBe(409)
    expect((await root.put('/policies/storage', { ...again, version: 1 })).status).toBe(200)
    expect((await root.put('/policies/storage', { document: {}, name: 'edge' })).json['problems']).toEqual([
      { where: 'body.name', problem: 'expected storage, as in the path' },
    ])
    expect((await root.put('/policies/storage', { document: {}, version: 1, expectedVersion: 2 })).status).toBe(400)
  })
})

describe('usage', () => {
  it('shows what the day has taken of the quota, and lets an administrator raise it till the day ends', async () => {
    const { api } = here
    const { states, policies, hostedDomains } = api.parts
    const { state: account } = await states.loadNewest(aggregates.account, aggregates.account.stream('ben@one.test'))
    const quota = new SendingQuota({ log: api.parts.events, states, policies, hostedDomains })
    await quota.reserve({ account: account!, mail: '01JNA000000000000000000099', recipients: 2, now: api.clock.now })
    await api.mail([ANN, { address: 'ben@one.test', mailbox: 'ben@one.test' }], {
      flow: 'submission',
      account: 'ben@one.test',
      acceptedAt: api.clock.now,
    })
    await api.settled()
    expect((await root.get('/usage/ben@one.test')).json).toEqual({
      address: 'ben@one.test',
      day: '2026-01-01',
      timeZone: 'UTC',
      since: '2026-01-01T00:00:00.000Z',
      resetsAt: '2026-01-02T00:00:00.000Z',
      mails: { used: 1, quota: 500, raised: false },
      recipients: { used: 2, quota: 2_000, raised: false },
      rates: {
        perMinute: { mails: 100, recipients: 2_000 },
        minutes: [{ begins: '2026-01-01T00:00:00.000Z', mails: 1, recipients: 2 }],
      },
    })
    expect((await root.post('/usage/ben@one.test/raise', { mailsPerDay: 900 })).json).toMatchObject({
      mails: { used: 1, quota: 900, raised: true },
      recipients: { used: 2, quota: 2_000, raised: false },
    })
    const refused = [{ mailsPerDay: 0 }, { mailsPerDay: 800 }, {}]
    for (const body of refused) expect((await root.post('/usage/ben@one.test/raise', body)).status).toBe(400)
    expect((await root.post('/usage/nobody@one.test/raise', { mailsPerDay: 900 })).status).toBe(404)
    // As with accounts: a domain's administrator has no power over administrators and officers in it.
    const dora = await api.as('dora@one.test')
    expect((await dora.post('/usage/ben@one.test/raise', { mailsPerDay: 901 })).status).toBe(200)
    for (const other of ['root', 'olga'])
      expect((await dora.post(`/usage/${other}@one.test/raise`, { mailsPerDay: 901 })).status).toBe(403)
  })

  it("is held against the domain's default where the account has none, which is for administrators to set", async () => {
    const { api } = here
    const sendingQuota = { mailsPerDay: 40, recipientsPerDay: 90 }
    const dora = await api.as('dora@one.test')
    expect((await dora.patch('/domains/one.test', { sendingQuota })).status).toBe(403)
    expect((await root.patch('/domains/one.test', { sendingQuota })).json).toMatchObject({ sendingQuota })
    expect((await dora.patch('/domains/one.test', { sendingQuota })).status).toBe(200)
    expect((await root.get('/usage/ann@one.test')).json).toMatchObject({
      mails: { used: 0, quota: 40 },
      recipients: { used: 0, quota: 90 },
    })
    expect((await root.get('/accounts/ann@one.test')).json).toMatchObject({ quota: sendingQuota })
    expect((await dora.patch('/accounts/ann@one.test', { quota: { mailsPerDay: 50 } })).json).toMatchObject({
      quota: { mailsPerDay: 50, recipientsPerDay: 90 },
    })
    await root.patch('/domains/one.test', { sendingQuota: null })
  })
})

describe('an alarm', () => {
  it('is listed, and acknowledged by somebody', async () => {
    const { api } = here
    await api.parts.commands.alarm(
      'scanner-away:clamd',
      { kind: 'raise', alarm: 'scanner-away', subject: 'clamd', detail: 'clamd does not answer' },
      api.asked(),
    )
    await api.settled()
    expect((await root.get('/alarms?state=raised')).items).toMatchObject([
      { id: 'scanner-away:clamd', state: 'raised', detail: 'clamd does not answer' },
    ])
    expect((await root.post('/alarms/scanner-away:clamd/acknowledge')).json).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: 'root@one.test',
    })
    expect((await root.post('/alarms/disk:x/acknowledge')).status).toBe(404)
  })
})

describe('the views', () => {
  it('show how far they are, are rebuilt and verified', async () => {
    const listed = await root.get('/projections')
    expect(listed.items.map(({ name }) => name)).toContain('mail-trace')
    expect((await root.post('/projections/mail-trace/verify')).json).toMatchObject({ name: 'mail-trace', same: true })
    const begun = await root.post('/projections/quarantine/rebuild')
    expect([begun.status, begun.json]).toMatchObject([202, { name: 'quarantine' }])
    await expect.poll(() => here.api.logged.map(({ sentence }) => sentence)).toContain('the view was rebuilt')
    expect((await root.post('/projections/none/rebuild')).status).toBe(404)
  })
})

describe('the audit', () => {
  it('gives the events of the log as lines, without secrets, and where it got to', async () => {
    const answer = await root.get('/audit/events?category=account&limit=4')
    expect(answer.headers['content-type']).toBe('application/x-ndjson')
    const lines = answer.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines).toHaveLength(5)
    expect(lines[1]).toMatchObject({
      stream: 'account-ann@one.test',
      type: 'PasswordSet',
      data: { hash: '***' },
      occurredAt: '2026-01-01T00:00:00.000Z',
    })
    expect(answer.text).not.toContain('sealed:1')
    expect((await root.post('/domains/one.test/dkim/keys')).status).toBe(201)
    const domains = await root.get('/audit/events?category=domain')
    expect(domains.text).toMatch(/"selector":"mk-2026-01-rsa".*"privateKey":"\*\*\*"/)
    expect(domains.text).not.toContain('sealed:1')
    const mails = await root.get('/audit/events?category=mail')
    expect(mails.text).toContain('"acceptedAt":"2026-01-01T00:00:00.000Z"')
    expect(mails.text).not.toMatch(/At":-?\d/)
    const on = await root.get(`/audit/events?after=${String(lines[4]?.['position'])}&limit=1`)
    expect(Number(JSON.parse(on.text.split('\n')[0] ?? '').position)).toBeGreaterThan(Number(lines[3]?.['position']))
  })
})

describe('health', () => {
  it('is live and ready, and says what stops a view', async () => {
    const { api } = here
    expect((await api.anonymous.get('//health/live')).json).toEqual({ status: 'live' })
    expect((await api.anonymous.get('//health/ready')).json).toMatchObject({ status: 'ready', problems: [] })
    const { status } = api.parts.projections
    const stopped = {
      position: '00000000000000000007',
      stream: 'mail-X',
      revision: 3,
      type: 'Scored',
      occurredAt: 0,
      reason: 'no column x',
    }
    Object.assign(api.parts.projections, {
      status: () => status().map((view) => (view.name === 'traffic' ? { ...view, state: 'stopped', stopped } : view)),
    })
    const answer = await api.anonymous.get('//health/ready')
    const listed = await root.get('/projections/traffic')
    Object.assign(api.parts.projections, { status })
    expect([answer.status, answer.json['problems']]).toEqual([
      503,
      ['The view traffic is stopped by Scored mail-X@3 (position 00000000000000000007): no column x'],
    ])
    expect(listed.json).toMatchObject({ state: 'stopped', stopped: { stream: 'mail-X', revision: 3 } })
  })
})

describe('metrics', () => {
  it('are for loopback, an administrator, or a token with their scope', async () => {
    const { api } = here
    const anonymous = new ApiClient(api.api.app, {})
    expect((await anonymous.send('GET', '//metrics', undefined, '127.0.0.1')).text).toContain('mailkeep_')
    expect((await anonymous.send('GET', '//metrics', undefined, '::1')).status).toBe(200)
    expect(
      (await anonymous.with({ 'x-forwarded-for': '127.0.0.1' }).send('GET', '//metrics', undefined, '127.0.0.1'))
        .status,
    ).toBe(401)
    expect((await anonymous.get('//metrics')).status).toBe(401)
    expect((await (await api.as('ann@one.test')).get('//metrics')).status).toBe(403)
    expect((await (await api.withToken('root@one.test', ['metrics:read'])).get('//metrics')).status).toBe(200)
    expect((await (await api.withToken('root@one.test', ['queue:read'])).get('//metrics')).status).toBe(403)
  })
})

describe('refusals', () => {
  it('are found by recipient, sender, address, stage and check', async () => {
    const { api } = here
    const refused = (recipient: string, check: string) =>
      api.parts.journal.refused(
        {
          stage: 'rcpt',
          client: { address: '192.0.2.5', name: null, helo: 'x' },
          reversePath: 'Cara@outside.example',
          recipient,
          reply: { code: 550, enhancedCode: '5.1.1', text: 'no such user' },
          check,
          evidence: null,
        },
        { kind: 'system', part: 'mx' },
      )
    refused('nobody@one.test', 'unknown-recipient')
    refused('nobody@two.test', 'unknown-recipient')
    await api.parts.journal.flush()
    await api.settled()
    const [newest] = (await root.get('/refusals')).items
    expect(newest).toMatchObject({
      at: '2026-01-01T00:00:00.000Z',
      stage: 'rcpt',
      client: { address: '192.0.2.5', name: null, helo: 'x' },
      reversePath: 'Cara@outside.example',
      recipient: 'nobody@two.test',
      reply: { code: 550, enhancedCode: '5.1.1', text: 'no such user' },
      check: 'unknown-recipient',
    })
    const recipients = async (query: string) =>
      (await root.get(`/refusals?${query}`)).items.map(({ recipient }) => recipient)
    expect(await recipients('recipient=NOBODY@one.test')).toEqual(['nobody@one.test'])
    expect(
      await recipients('sender=cara@outside.example&ip=192.0.2.5&stage=rcpt&check=unknown-recipient'),
    ).toHaveLength(2)
    for (const stage of ['connect', 'helo', 'mail', 'data', 'auth'])
      expect(await recipients(`stage=${stage}`)).toEqual([])
    expect((await root.get('/refusals?stage=later')).status).toBe(400)
    const otto = await api.as('otto@two.test')
    expect((await otto.get('/refusals')).items.map(({ recipient }) => recipient)).toEqual(['nobody@two.test'])
  })
})
