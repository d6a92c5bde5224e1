import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { itemId } from '#domain/archive/item-id'
import { isDeclined } from '#domain/kernel/decider'
import { DAY, HOUR } from '#domain/kernel/instant'
import type { EdgeEvent } from '#domain/edge/events'
import type { ApiClient } from '#test/dsl/api-client'
import { installation } from '#test/dsl/api-installation'
import { archive, clean, judge, recordDelivery, recordScan, scanner, scored, accept, recipients } from '#test/dsl/mail'

const here = installation(
  {},
  {
    'ann@one.test': ['user'],
    'ben@one.test': ['user'],
    'dora@one.test': ['user', 'domain-admin'],
    'root@one.test': ['user', 'admin'],
    'olga@one.test': ['user', 'compliance'],
    'otto@one.test': ['user', 'compliance'],
  },
)
const ANN = 'ann@one.test'
const BEN = 'ben@one.test'
const CASE = { 'mailkeep-reason': 'case 17' }
const people = ['ann', 'ben', 'dora', 'root', 'olga', 'otto'] as const
let as: Record<(typeof people)[number], ApiClient>
let olga: ApiClient

const ORIGINAL = 'From: ann@one.test\r\nTo: Ben <ben@one.test>\r\nBcc: dora@one.test\r\nSubject: Quietly\r\n\r\nHi\r\n'
const OUTGOING = ORIGINAL.replace('Bcc: dora@one.test\r\n', '')
let sentBcc: string
let sentItem: string
let receivedItem: string

beforeAll(async () => {
  const { api } = here
  as = Object.fromEntries(
    await Promise.all(people.map(async (who) => [who, await api.as(`${who}@one.test`)] as const)),
  ) as typeof as
  olga = as.olga.with(CASE)
  const original = await api.parts.content.put(Buffer.from(ORIGINAL))
  const outgoing = await api.parts.content.put(Buffer.from(OUTGOING))
  sentBcc = '01JNC000000000000000000001'
  const outcome = await api.parts.commands.mail(
    sentBcc,
    {
      ...accept(recipients(BEN, 'dora@one.test'), 'submission', {
        account: ANN,
        contentHash: original.hash,
        size: original.size,
        outgoing: { contentHash: outgoing.hash, size: outgoing.size },
        acceptedAt: api.clock.now,
        headerFrom: { address: ANN, name: 'Ann' },
        subject: 'Quietly',
      }),
      scanner,
    },
    { ...api.asked(), newStream: true },
  )
  if (isDeclined(outcome)) throw new Error(outcome.reason)
  const to = [{ address: BEN, name: 'Ben' }]
  await api.mailCommand(sentBcc, archive(ANN, { role: 'sent', to }))
  await api.mailCommand(sentBcc, archive(BEN, { to, retainUntil: api.clock.now + 30 * DAY }))
  await api.mailCommand(sentBcc, recordDelivery(BEN))
  sentItem = itemId({ mail: sentBcc, account: ANN, role: 'sent' })
  receivedItem = itemId({ mail: sentBcc, account: BEN, role: 'received' })
  await api.settled()
})

const inbound = async (mailbox: string): Promise<string> => {
  const mail = await here.api.mail(
    [{ address: mailbox, mailbox }],
    {},
    recordScan(clean),
    judge(scored(mailbox, 1.5)),
    archive(mailbox),
  )
  await here.api.settled()
  return itemId({ mail, account: mailbox, role: 'received' })
}
const policy = async (document: object): Promise<void> => {
  const answer = await as.root.put('/policies/archive', { document, reason: 'spec' })
  if (answer.status >= 300) throw new Error(answer.text)
}
const accesses = async (): Promise<EdgeEvent[]> => {
  const { events } = await here.api.parts.events.readAll(null, { types: ['ArchiveSearched', 'ArchiveRead'] }, 1_000)
  return events as unknown as EdgeEvent[]
}
const newest = async (): Promise<EdgeEvent | undefined> => (await accesses()).at(-1)

describe('a list of the archive', () => {
  it('has whose it is, newest first, page by page, each answer on record', async () => {
    const first = await inbound(ANN)
    const second = await inbound(ANN)
    const page = await as.ann.get('/archive/mails?limit=2')
    expect(page.items.map(({ id }) => id)).toEqual([sentItem, second])
    expect(page.items[0]).toMatchObject({
      mail: sentBcc,
      account: ANN,
      role: 'sent',
      archivedAt: '2026-01-01T00:00:00.000Z',
      headerFrom: ANN,
      to: [BEN],
      subject: 'Quietly',
      size: ORIGINAL.length,
      highlights: [],
    })
    const rest = await as.ann.get(`/archive/mails?cursor=${String(page.json['next'])}`)
    expect([rest.items.map(({ id }) => id), rest.json['next']]).toEqual([[first], null])
    expect((await accesses()).slice(-2)).toMatchObject([
      { data: { by: ANN, as: 'user', account: ANN, query: null, found: 2, shown: [ANN], reason: null } },
      { data: { found: 1 } },
    ])
    expect((await as.ann.get('/archive/mails?in=received')).items.map(({ id }) => id)).toEqual([second, first])
  })

  it('is empty for who has nothing archived, and nobody sees another’s', async () => {
    expect((await as.root.get('/archive/mails')).items).toEqual([])
    expect((await as.ben.get(`/archive/mails?account=${ANN}`)).status).toBe(403)
    expect((await as.ben.get('/archive/mails')).items.map(({ id }) => id)).toEqual([receivedItem])
  })

  it('of all accounts, or one, is for an officer who says why', async () => {
    expect((await as.olga.get('/archive/mails')).status).toBe(400)
    expect((await as.olga.get('/archive/mails')).text).toContain('mailkeep-reason')
    const accounts = (await olga.get('/archive/mails')).items.map(({ account }) => account)
    expect([...new Set(accounts)].toSorted()).toEqual([ANN, BEN])
    expect(await newest()).toMatchObject({
      type: 'ArchiveSearched',
      data: { by: 'olga@one.test', as: 'compliance', account: null, reason: 'case 17', found: accounts.length },
    })
    const ben = await olga.get(`/archive/mails?account=${BEN}`)
    expect(ben.items.map(({ id }) => id)).toEqual([receivedItem])
  })
})

describe('an archived mail', () => {
  it('tells who got it nothing of other recipients; who sent it, and an officer, sees them all', async () => {
    const received = await as.ben.get(`/archive/mails/${receivedItem}`)
    expect(received.json).toMatchObject({
      id: receivedItem,
      contentHash: expect.any(String) as string,
      flow: 'submission',
      retainUntil: '2026-01-31T00:00:00.000Z',
      held: false,
      envelope: { recipients: [{ mailbox: BEN, state: 'delivered' }] },
    })
    expect(received.text).not.toContain('dora')
    const everybody = [{ mailbox: BEN }, { mailbox: 'dora@one.test' }]
    expect((await as.ann.get(`/archive/mails/${sentItem}`)).json).toMatchObject({ envelope: { recipients: everybody } })
    expect((await olga.get(`/archive/mails/${receivedItem}`)).json).toMatchObject({
      envelope: { recipients: everybody },
    })
    expect(await newest()).toMatchObject({
      type: 'ArchiveRead',
      data: { mail: sentBcc, account: BEN, role: 'received', what: 'item', as: 'compliance', reason: 'case 17' },
    })
  })

  it('gives back what was submitted to who sent it, what went out to who got it, byte for byte', async () => {
    const sent = await as.ann.get(`/archive/mails/${sentItem}/content`)
    expect([sent.text, sent.headers['content-type'], sent.headers['content-length']]).toEqual([
      ORIGINAL,
      'message/rfc822',
      String(ORIGINAL.length),
    ])
    expect((await as.ben.get(`/archive/mails/${receivedItem}/content`)).text).toBe(OUTGOING)
    expect((await as.olga.get(`/archive/mails/${sentItem}/content`)).status).toBe(400)
    expect((await olga.get(`/archive/mails/${sentItem}/content`)).text).toBe(ORIGINAL)
    expect(await newest()).toMatchObject({ data: { what: 'content', by: 'olga@one.test', reason: 'case 17' } })
  })

  it('is not there for anybody else, and no answer leaves without a record', async () => {
    const before = (await accesses()).length
    for (const other of [as.ben, as.dora, as.root]) {
      expect((await other.get(`/archive/mails/${sentItem}`)).status).toBe(404)
      expect((await other.get(`/archive/mails/${sentItem}/content`)).status).toBe(404)
    }
    expect((await as.ann.get('/archive/mails/nonsense')).status).toBe(400)
    expect((await as.ann.get(`/archive/mails/${sentItem.replace('sent', 'received')}`)).status).toBe(404)
    expect(await accesses()).toHaveLength(before)
  })

  it('can not be changed or removed by anybody', async () => {
    for (const client of [as.ann, as.root, olga])
      for (const answer of [
        await client.delete(`/archive/mails/${sentItem}`),
        await client.delete(`/archive/mails/${sentItem}/content`),
        await client.put(`/archive/mails/${sentItem}/content`, {}),
        await client.patch(`/archive/mails/${sentItem}`, {}),
        await client.delete(`/archive/accounts/${ANN}`),
      ])
        expect(answer.status).toBe(405)
  })

  it('of who had the address before is not for who has it now', async () => {
    const gone = 'gone@one.test'
    await here.api.account(gone)
    const item = await inbound(gone)
    expect((await (await here.api.as(gone)).get('/archive/mails')).items).toHaveLength(1)
    expect((await as.root.delete(`/accounts/${gone}`)).status).toBe(204)
    await here.api.account(gone)
    await here.api.settled()
    here.api.clock.now += 1
    const anew = await inbound(gone)
    const client = await here.api.as(gone)
    expect((await client.get('/archive/mails')).items.map(({ id }) => id)).toEqual([anew])
    expect((await client.get(`/archive/mails/${item}`)).status).toBe(404)
    expect((await olga.get(`/archive/mails?account=${gone}`)).items).toHaveLength(2)
  })
})

describe('an archive account', () => {
  const path = `/archive/accounts/${BEN}`

  it('says what it keeps: its own word, else its domain’s and the policy’s', async () => {
    await policy({ retentionDays: 365, quotaBytes: 1_000_000 })
    expect((await as.root.get(path)).json).toMatchObject({
      address: BEN,
      subscribed: false,
      quotaBytes: 1_000_000,
      usedBytes: OUTGOING.length,
      copies: 1,
      full: false,
      retentionDays: 365,
      holds: [],
      growth: { copiesPerDay: 1, bytesPerDay: OUTGOING.length },
    })
    expect((await as.root.patch('/domains/one.test', { archiveByDefault: true })).json).toMatchObject({
      archiveByDefault: true,
    })
    expect((await as.root.get(path)).json).toMatchObject({
      subscribed: true,
      subscription: { own: null, domain: true },
    })
    const changed = await as.root.patch(path, { subscribed: false, quotaBytes: OUTGOING.length, retentionDays: null })
    expect(changed.json).toMatchObject({
      subscribed: false,
      subscription: { own: false, domain: true },
      quotaBytes: OUTGOING.length,
      full: true,
      retentionDays: null,
    })
    expect(changed.position).toMatch(/^\d{20}$/)
    const back = await as.root.patch(path, { subscribed: null, quotaBytes: 'policy', retentionDays: 'policy' })
    expect(back.json).toMatchObject({ subscribed: true, quotaBytes: 1_000_000, full: false, retentionDays: 365 })
    expect((back.json['growth'] as { fullAt: string }).fullAt).toMatch(/^20\d\d-/)
    await as.root.patch('/domains/one.test', { archiveByDefault: false })
  })

  it('is there for every account, and for one that is not there yet', async () => {
    const list = await as.root.get('/archive/accounts?domain=one.test&limit=2')
    expect(list.items.map(({ address }) => address)).toEqual([ANN, BEN])
    const all = await as.root.get(`/archive/accounts?cursor=${String(list.json['next'])}`)
    expect(all.items.map(({ address }) => address)).toContain('olga@one.test')
    expect((await as.root.get('/archive/accounts/nobody@one.test')).status).toBe(404)
    expect((await as.root.patch('/archive/accounts/nobody@elsewhere.test', { subscribed: true })).status).toBe(404)
    await as.root.post('/groups', { address: 'staff@one.test', members: [ANN] })
    await here.api.settled()
    expect((await as.root.patch('/archive/accounts/staff@one.test', { subscribed: true })).status).toBe(409)
    expect((await as.root.patch('/archive/accounts/new@one.test', { subscribed: true })).json).toMatchObject({
      address: 'new@one.test',
      subscribed: true,
    })
  })

  it('is set by administrators, held by officers with a reason, and neither does the other’s', async () => {
    for (const [client, body] of [
      [as.ann, { subscribed: true }],
      [as.dora, { subscribed: true }],
      [olga, { subscribed: true }],
      [olga, { retentionDays: 1 }],
      [as.root.with(CASE), { holds: [{ name: 'Case 17' }] }],
      [as.root.with(CASE), { liftHolds: ['x'] }],
    ] as const)
      expect((await client.patch(path, body)).status).toBe(403)
    expect((await as.dora.patch('/domains/one.test', { archiveByDefault: true })).status).toBe(403)
    expect((await as.olga.patch(path, { holds: [{ name: 'Case 17' }] })).status).toBe(400)
    expect((await as.root.patch(path, { retentionDays: 0 })).status).toBe(400)
    expect((await as.root.patch(path, { quotaBytes: -1 })).status).toBe(400)
    expect((await as.root.patch(path, { archived: true })).text).toContain('body.archived')
  })

  it('is held for what an officer names; an administrator learns that it is, and since when', async () => {
    const placed = await olga.patch(path, {
      holds: [{ name: 'Case 17', from: '2025-12-01', until: null, query: 'subject:merger' }],
    })
    expect(placed.json['holds']).toMatchObject([
      {
        name: 'Case 17',
        from: '2025-12-01T00:00:00.000Z',
        until: null,
        query: 'subject:merger',
        reason: 'case 17',
        by: 'olga@one.test',
      },
    ])
    const [hold] = placed.json['holds'] as { id: string }[]
    expect((await as.root.get(path)).json['holds']).toEqual([
      {
        id: hold!.id,
        name: null,
        from: null,
        until: null,
        query: null,
        reason: null,
        by: null,
        at: expect.any(String),
      },
    ])
    expect((await olga.get(`/archive/mails/${receivedItem}`)).json).toMatchObject({ held: true })
    // Sent back as it was read it lifts nothing and places nothing.
    const again = await olga.patch(path, { holds: placed.json['holds'] })
    expect(again.json['holds']).toHaveLength(1)
    expect((await olga.patch(path, { holds: [{ id: 'other', name: 'x' }] })).status).toBe(404)
    expect((await olga.patch(path, { holds: [] })).json['holds']).toHaveLength(1)
    expect((await olga.patch(path, { liftHolds: [hold!.id] })).json['holds']).toEqual([])
    expect((await olga.patch(path, { liftHolds: [hold!.id] })).status).toBe(404)
    expect((await olga.patch(path, { holds: [{ name: 'x', from: '2026-02-01', until: '2026-01-01' }] })).status).toBe(
      400,
    )
  })
})

describe('who else looked into an archive', () => {
  const path = `/archive/accounts/${ANN}/readers`
  beforeEach(async () => {
    await olga.get(`/archive/mails/${sentItem}/content`)
    await olga.get('/archive/mails')
    await here.api.settled()
  })

  it('is shown to its account where policy says so, without the case', async () => {
    await policy({})
    expect((await as.ann.get(path)).status).toBe(403)
    await policy({ readersShown: true })
    const [search, content] = (await as.ann.get(path)).items
    expect(search).toMatchObject({ by: 'olga@one.test', what: 'search', mail: null, reason: null })
    expect(content).toMatchObject({ by: 'olga@one.test', what: 'content', mail: sentBcc, reason: null, query: null })
    expect((await as.ben.get(path)).status).toBe(403)
    expect((await as.root.get(path)).status).toBe(403)
    await policy({})
  })

  it('is shown to officers with the reasons that were given', async () => {
    const { items } = await olga.get(path)
    expect(items[0]).toMatchObject({ what: 'search', reason: 'case 17' })
    expect(items.some(({ by }) => by === ANN)).toBe(false)
  })
})

describe('four eyes', () => {
  it('let an officer search all accounts only for what another one approved, as long as that is good', async () => {
    await policy({ fourEyes: { searches: true }, approvalFor: HOUR })
    const refused = await olga.get('/archive/mails')
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('archive-search')])
    // One account needs none.
    expect((await olga.get(`/archive/mails?account=${BEN}`)).status).toBe(200)
    expect((await as.olga.post('/approvals', { kind: 'archive-search' })).status).toBe(400)
    const asked = await olga.post('/approvals', { kind: 'archive-search' })
    expect([asked.status, asked.json]).toEqual([
      202,
      expect.objectContaining({
        kind: 'archive-search',
        state: 'waiting',
        archive: { accounts: null, query: null, reason: 'case 17', until: expect.any(String) as string },
      }),
    ])
    const id = String(asked.json['id'])
    const approved = olga.with({ 'mailkeep-approval': id })
    expect((await approved.get('/archive/mails')).status).toBe(403)
    // Neither who asked nor an administrator, who does not learn what it is about either.
    expect((await as.olga.post(`/approvals/${id}/approve`)).status).toBe(403)
    expect((await as.root.post(`/approvals/${id}/approve`)).status).toBe(403)
    expect((await as.root.get(`/approvals/${id}`)).json).toMatchObject({ kind: 'archive-search', archive: null })
    expect((await as.otto.post(`/approvals/${id}/approve`)).json).toMatchObject({ state: 'approved' })
    expect((await approved.get('/archive/mails')).status).toBe(200)
    expect(await newest()).toMatchObject({ data: { approval: id, account: null } })
    expect((await as.otto.with({ ...CASE, 'mailkeep-approval': id }).get('/archive/mails')).status).toBe(403)
    expect((await olga.with({ 'mailkeep-approval': 'x' }).get('/archive/mails')).status).toBe(400)
    here.api.clock.now += HOUR
    expect((await approved.get('/archive/mails')).text).toContain('time is over')
    await policy({})
  })

  it('another query than the approved one is refused', async () => {
    await policy({ fourEyes: { searches: true } })
    const asked = await olga.post('/approvals', { kind: 'archive-search', query: 'from:ann' })
    const id = String(asked.json['id'])
    await as.otto.post(`/approvals/${id}/approve`)
    const answer = await olga.with({ 'mailkeep-approval': id }).get('/archive/mails')
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('something else was approved')])
    await policy({})
  })
})
