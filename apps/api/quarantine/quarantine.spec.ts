import { beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from '#test/dsl/api-client'
import { installation } from '#test/dsl/api-installation'
import { clean, infected, judge, recordReleaseScan, recordScan, scored } from '#test/dsl/mail'

const here = installation()
const ANN = { address: 'Ann@one.test', mailbox: 'ann@one.test' }
const BEN = { address: 'ben+shop@one.test', mailbox: 'ben@one.test' }
const UMA = { address: 'uma@two.test', mailbox: 'uma@two.test' }

let ann: ApiClient
let ben: ApiClient
let dora: ApiClient
let otto: ApiClient
let root: ApiClient
let spam: string
let virus: string

beforeAll(async () => {
  const { api } = here
  ;[ann, ben, dora, otto, root] = (await Promise.all(
    ['ann@one.test', 'ben@one.test', 'dora@one.test', 'otto@two.test', 'root@one.test'].map((who) => api.as(who)),
  )) as [ApiClient, ApiClient, ApiClient, ApiClient, ApiClient]
  spam = await api.mail(
    [ANN, BEN, UMA],
    {},
    recordScan(clean),
    judge(scored('ann@one.test', 8.2), scored('ben@one.test', 8.2), scored('uma@two.test', 8.2)),
  )
  virus = await api.mail([ANN], { subject: 'Invoice' }, recordScan(infected))
  await api.settled()
})

/** What the inspector does with a release that was asked for. */
const scannerSays = async (mail: string, report: Parameters<typeof recordReleaseScan>[0]): Promise<void> => {
  await expect
    .poll(
      async () => JSON.stringify((await here.api.parts.events.readStream(`mail-${mail}`)).map(({ type }) => type)),
      { interval: 20 },
    )
    .toContain('ReleaseRequested')
  await here.api.mailCommand(mail, recordReleaseScan(report))
}

describe('what is held', () => {
  it('is a list for each, newest first, of what is theirs', async () => {
    const held = async (client: ApiClient, query = '') =>
      (await client.get(`/quarantine${query}`)).items.map(({ mail, recipient }) => [mail, recipient])
    expect(await held(ann)).toEqual([
      [virus, 'ann@one.test'],
      [spam, 'ann@one.test'],
    ])
    expect(await held(ben)).toEqual([[spam, 'ben@one.test']])
    expect(await held(dora)).toEqual([
      [virus, 'ann@one.test'],
      [spam, 'ann@one.test'],
      [spam, 'ben@one.test'],
    ])
    expect(await held(otto)).toEqual([[spam, 'uma@two.test']])
    expect(await held(root)).toHaveLength(4)
    expect(await held(root, '?recipient=ann@one.test&reason=virus')).toEqual([[virus, 'ann@one.test']])
    expect(await held(root, '?from=SENDER%40example.net&subject=hel&minScore=8')).toHaveLength(3)
    expect(await held(root, '?after=2027-01-01')).toEqual([])
    expect((await ann.get('/quarantine?recipient=ben@one.test')).status).toBe(403)
    expect((await dora.get('/quarantine?recipient=uma@two.test')).status).toBe(403)
    const first = await root.get('/quarantine?limit=1')
    expect(await held(root, `?limit=3&cursor=${String(first.json['next'])}`)).toHaveLength(3)
  })

  it('has the shape of the contract', async () => {
    expect((await ann.get(`/quarantine/${spam}/ann@one.test`)).json).toMatchObject({
      mail: spam,
      recipient: 'ann@one.test',
      address: 'Ann@one.test',
      reason: 'spam',
      why: 'The subject shouts',
      score: 8.2,
      threshold: 5,
      reversePath: 'sender@example.net',
      headerFrom: 'sender@example.net',
      subject: 'Hello',
      acceptedAt: '2026-01-01T00:00:00.000Z',
      expiresAt: '2026-01-31T00:00:00.000Z',
      releasable: true,
      releasableBy: 'user',
    })
    expect((await ann.get(`/quarantine/${virus}/ann@one.test`)).json).toMatchObject({
      reason: 'virus',
      releasable: false,
      releasableBy: 'admin',
      score: null,
      threshold: null,
    })
  })

  it('is found by the address as given, and by nobody else', async () => {
    expect((await ben.get(`/quarantine/${spam}/ben%2Bshop%40one.test`)).json).toMatchObject({
      recipient: 'ben@one.test',
    })
    for (const client of [ann, otto]) expect((await client.get(`/quarantine/${spam}/ben@one.test`)).status).toBe(404)
    expect((await dora.get(`/quarantine/${spam}/ben@one.test`)).status).toBe(200)
  })
})

describe('a preview', () => {
  it('is for the recipient, recorded, and never of a virus', async () => {
    expect((await ann.get(`/quarantine/${spam}/ann@one.test/preview`)).json).toMatchObject({
      text: expect.stringContaining('Hello number'),
      attachments: [],
      cut: false,
    })
    const { events } = await here.api.parts.events.readAll(null, { types: ['ContentRead'] }, 10)
    expect(events.map(({ data }) => data)).toEqual([
      { mail: spam, recipient: 'ann@one.test', by: 'ann@one.test', as: 'user', reason: null },
    ])
    expect((await dora.get(`/quarantine/${spam}/ann@one.test/preview`)).status).toBe(403)
    expect((await ann.get(`/quarantine/${virus}/ann@one.test/preview`)).status).toBe(403)
  })
})

describe('a release', () => {
  it('waits for its scan, delivers, trusts the sender when asked to, and does so once', async () => {
    const [answer] = await Promise.all([
      ben.post(`/quarantine/${spam}/ben@one.test/release`, { trustSender: true }),
      scannerSays(spam, clean),
    ])
    expect(answer.status).toBe(200)
    expect(answer.json).toEqual({
      mail: spam,
      recipient: 'ben@one.test',
      state: 'released',
      detail: null,
      trusted: 'sender@example.net',
    })
    expect((await ben.get('/accounts/ben@one.test/allow-list')).items.map(({ entry }) => entry)).toEqual([
      'sender@example.net',
    ])
    expect((await ben.with({ 'mailkeep-after': answer.position }).get('/quarantine')).items).toEqual([])
    const again = await ben.post(`/quarantine/${spam}/ben@one.test/release`, { trustSender: true })
    expect([again.status, again.json['state']]).toEqual([200, 'released'])
    const events = await here.api.parts.events.readStream(`mail-${spam}`)
    expect(events.filter(({ type }) => type === 'Released')).toHaveLength(1)
    expect((await ben.get(`/quarantine/${spam}/ben@one.test`)).status).toBe(404)
  })

  it('that the scan refuses says so, and trusts nobody', async () => {
    const mail = await here.api.mail([ANN], {}, recordScan(clean), judge(scored('ann@one.test', 9)))
    const [answer] = await Promise.all([
      ann.post(`/quarantine/${mail}/ann@one.test/release`, { trustSender: true }),
      scannerSays(mail, infected),
    ])
    expect(answer.json).toMatchObject({ state: 'refused', trusted: null })
    expect((await ann.get('/accounts/ann@one.test/allow-list')).items).toEqual([])
  })

  it('that takes longer is answered as under way', async () => {
    const mail = await here.api.mail([ANN], {}, recordScan(clean), judge(scored('ann@one.test', 9)))
    const answer = await ann.post(`/quarantine/${mail}/ann@one.test/release`)
    expect([answer.status, answer.json['state']]).toEqual([202, 'releasing'])
    expect(
      (await ann.with({ 'mailkeep-after': answer.position }).get(`/quarantine/${mail}/ann@one.test`)).json,
    ).toMatchObject({ releasing: true })
  })

  it('of a virus is an administrator, with a reason', async () => {
    expect((await ann.post(`/quarantine/${virus}/ann@one.test/release`)).status).toBe(403)
    expect((await root.post(`/quarantine/${virus}/ann@one.test/release`)).status).toBe(400)
    const answer = await root.post(`/quarantine/${virus}/ann@one.test/release`, {
      reason: 'a sample for the laboratory',
    })
    expect([answer.status, answer.json['state']]).toEqual([200, 'released'])
  })

  it('never happens by GET', async () => {
    expect((await ann.get(`/quarantine/${spam}/ann@one.test/release`)).status).toBe(405)
  })
})

describe('many at once', () => {
  it('stand each alone, and say what happened to each', async () => {
    const { api } = here
    const mails = [
      await api.mail([ANN], {}, recordScan(clean), judge(scored('ann@one.test', 9))),
      await api.mail([ANN], {}, recordScan(clean), judge(scored('ann@one.test', 9))),
    ]
    const missing = '01JNA999999999999999999999'
    const items = [...mails, missing].map((mail) => ({ mail, recipient: 'ann@one.test' }))
    const answer = await ann.post('/quarantine/discard', {
      reason: 'seen enough of these',
      items: [...items, { mail: spam, recipient: 'uma@two.test' }],
    })
    expect(answer.status).toBe(200)
    expect(answer.items.map(({ state }) => state)).toEqual(['discarded', 'discarded', 'failed', 'failed'])
    const reasons = here.api.logged.filter(({ about }) => 'reason' in about && about.reason === 'seen enough of these')
    expect(reasons).toHaveLength(2)
    expect(answer.items[2]).toMatchObject({ detail: `There is no mail ${missing}.` })
    const list = await ann.with({ 'mailkeep-after': answer.position }).get('/quarantine')
    expect(list.items.map(({ mail }) => mail)).not.toContain(mails[0])
    expect((await ann.post('/quarantine/release', { items: [] })).status).toBe(400)
  })
})

describe('blocking the sender', () => {
  it('puts it on the list of the recipient', async () => {
    const answer = await dora.post(`/quarantine/${spam}/ann@one.test/block-sender`)
    expect(answer.json).toEqual({ mailbox: 'ann@one.test', entry: 'sender@example.net' })
    expect((await ann.get('/accounts/ann@one.test/block-list')).items.map(({ entry }) => entry)).toEqual([
      'sender@example.net',
    ])
  })
})
