import { beforeAll, describe, expect, it } from 'vitest'
import type { ApiAnswer, ApiClient } from '#test/dsl/api-client'
import { installation } from '#test/dsl/api-installation'
import { archive, clean, infected, judge, recordDelivery, recordScan, scored } from '#test/dsl/mail'

const here = installation()
const ANN = { address: 'Ann@one.test', mailbox: 'ann@one.test' }
const BEN = { address: 'staff@one.test', mailbox: 'ben@one.test' }
const UMA = { address: 'uma@two.test', mailbox: 'uma@two.test' }

const people = [
  'ann@one.test',
  'ben@one.test',
  'dora@one.test',
  'otto@two.test',
  'root@one.test',
  'olga@one.test',
] as const
let as: Record<(typeof people)[number], ApiClient>
let shared: string
let virus: string
let sent: string

beforeAll(async () => {
  const { api } = here
  const clients = await Promise.all(people.map(async (who) => [who, await api.as(who)] as const))
  as = Object.fromEntries(clients) as typeof as
  shared = await api.mail(
    [ANN, BEN, UMA],
    { messageId: '<shared@example.net>' },
    recordScan(clean),
    judge(scored('ann@one.test', 1.5), scored('ben@one.test', 8.2), scored('uma@two.test', 1.5)),
    recordDelivery('ann@one.test'),
  )
  virus = await api.mail(
    [ANN],
    { subject: 'Invoice', client: { address: '198.51.100.7', name: null, helo: 'x' } },
    recordScan(infected),
  )
  sent = await api.mail([BEN, UMA], {
    flow: 'submission',
    account: 'ann@one.test',
    reversePath: 'ann@one.test',
    headerFrom: { address: 'ann@one.test', name: 'Ann' },
    headerAddresses: ['ann@one.test'],
  })
  await api.settled()
})

const recipientsOf = (answer: ApiAnswer) =>
  (answer.json['recipients'] as { mailbox: string }[]).map(({ mailbox }) => mailbox)
const typesOf = (answer: ApiAnswer) => (answer.json['events'] as { type: string }[]).map(({ type }) => type)

describe('a mail', () => {
  it('is folded from its stream, with every event, in the shape of the contract', async () => {
    const answer = await as['root@one.test'].get(`/mails/${shared}`)
    expect(answer.json).toMatchObject({
      id: shared,
      flow: 'inbound',
      acceptedAt: '2026-01-01T00:00:00.000Z',
      client: { address: '192.0.2.1', name: null, helo: 'mail.example.net' },
      reversePath: 'sender@example.net',
      headerFrom: 'sender@example.net',
      subject: 'Hello',
      messageId: '<shared@example.net>',
      contentHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      recipients: [
        {
          address: 'Ann@one.test',
          mailbox: 'ann@one.test',
          route: 'mailbox',
          state: 'delivered',
          reason: null,
          score: 1.5,
          threshold: 5,
          symbols: [{ name: 'SUBJECT_CAPS', weight: 1.5 }],
          reply: { code: 250 },
          archived: false,
        },
        { mailbox: 'ben@one.test', state: 'quarantined', reason: 'spam', score: 8.2 },
        { mailbox: 'uma@two.test', state: 'pending' },
      ],
    })
    expect(typesOf(answer)).toEqual([
      'Accepted',
      'ScanCleared',
      'Authenticated',
      'Scored',
      'Cleared',
      'Quarantined',
      'Cleared',
      'Delivered',
    ])
    expect((answer.json['events'] as object[])[0]).toMatchObject({
      id: expect.any(String),
      type: 'Accepted',
      revision: 0,
      position: expect.stringMatching(/^\d{20}$/),
      occurredAt: '2026-01-01T00:00:00.000Z',
      actor: { kind: 'system', part: 'spec' },
      data: { acceptedAt: '2026-01-01T00:00:00.000Z' },
    })
    expect(answer.text).toMatch(/"expiresAt":"2/)
    expect(answer.text).not.toMatch(/At":-?\d/)
  })

  it('shows a user only their own part of it, whatever the event', async () => {
    const answer = await as['ann@one.test'].get(`/mails/${shared}`)
    expect(recipientsOf(answer)).toEqual(['ann@one.test'])
    expect(answer.text).not.toContain('ben@one.test')
    expect(answer.text).not.toContain('staff@one.test')
    expect(answer.text).not.toContain('uma@two.test')
    expect(typesOf(answer)).toEqual(['Accepted', 'ScanCleared', 'Authenticated', 'Scored', 'Cleared', 'Delivered'])
  })

  it("shows a domain's administrator the part of the domain, and is not there for others", async () => {
    expect(recipientsOf(await as['dora@one.test'].get(`/mails/${shared}`))).toEqual(['ann@one.test', 'ben@one.test'])
    expect(recipientsOf(await as['otto@two.test'].get(`/mails/${shared}`))).toEqual(['uma@two.test'])
    expect((await as['otto@two.test'].get(`/mails/${virus}`)).status).toBe(404)
    expect((await as['ben@one.test'].get(`/mails/${virus}`)).json['detail']).toBe(`There is no mail ${virus}.`)
    expect((await as['olga@one.test'].get(`/mails/${virus}`)).status).toBe(404)
  })

  it('shows who sent it all of its recipients', async () => {
    expect(recipientsOf(await as['ann@one.test'].get(`/mails/${sent}`))).toEqual(['ben@one.test', 'uma@two.test'])
    expect(recipientsOf(await as['ben@one.test'].get(`/mails/${sent}`))).toEqual(['ben@one.test'])
  })

  it('is asked for by its id', async () => {
    expect((await as['root@one.test'].get('/mails/nonsense')).status).toBe(400)
    expect((await as['root@one.test'].get('/mails/01JNA999999999999999999999')).status).toBe(404)
    expect((await as['root@one.test'].get(`/mails/${shared.toLowerCase()}`)).status).toBe(200)
  })
})

describe('the trace', () => {
  const found = async (who: (typeof people)[number], query = '') => {
    const answer = await as[who].get(`/mails${query}`)
    expect([query, answer.status]).toEqual([query, 200])
    return answer.items.map(({ id }) => id)
  }

  it('finds mails newest first, each person their own', async () => {
    expect(await found('root@one.test')).toEqual([sent, virus, shared])
    expect(await found('ann@one.test')).toEqual([sent, virus, shared])
    expect(await found('ben@one.test')).toEqual([sent, shared])
    expect(await found('dora@one.test')).toEqual([sent, virus, shared])
    expect(await found('otto@two.test')).toEqual([sent, shared])
    expect(await found('olga@one.test')).toEqual([])
  })

  it('finds by address, text, ip, Message-ID, flow, state and time', async () => {
    expect(await found('root@one.test', '?address=UMA@two.test')).toEqual([sent, shared])
    expect(await found('root@one.test', '?address=staff@one.test')).toEqual([sent, shared])
    expect(await found('root@one.test', '?address=@example.net')).toEqual([virus, shared])
    expect(await found('root@one.test', '?text=inVOICE')).toEqual([virus])
    expect(await found('root@one.test', '?ip=198.51.100.7')).toEqual([virus])
    expect(await found('root@one.test', '?messageId=shared@example.net')).toEqual([shared])
    expect(await found('root@one.test', '?flow=submission')).toEqual([sent])
    expect(await found('root@one.test', '?state=quarantined')).toEqual([virus, shared])
    expect(await found('root@one.test', '?after=2026-01-02')).toEqual([])
    expect(await found('root@one.test', '?before=2026-01-02T00:00:00Z&limit=1')).toEqual([sent])
  })

  it('finds nothing by what the asker must not know', async () => {
    expect(await found('ann@one.test', '?address=staff@one.test&flow=inbound')).toEqual([])
    expect(await found('ann@one.test', '?address=ben@one.test&flow=inbound')).toEqual([])
    expect(await found('ann@one.test', '?text=uma&flow=inbound')).toEqual([])
    expect(await found('ann@one.test', `?state=quarantined&messageId=shared@example.net`)).toEqual([])
    expect(await found('ann@one.test', '?address=ben@one.test')).toEqual([sent])
    expect(await found('otto@two.test', '?text=staff')).toEqual([])
    expect(await found('otto@two.test', '?address=ann@one.test&flow=inbound')).toEqual([])
    expect(await found('dora@one.test', '?text=staff')).toEqual([sent, shared])
    const { items } = await as['ann@one.test'].get('/mails?flow=inbound')
    expect(JSON.stringify(items)).not.toContain('uma@two.test')
  })
})

describe('content', () => {
  it('is the bytes that came, for its recipient and its sender, and recorded before', async () => {
    const answer = await as['ann@one.test'].get(`/mails/${shared}/content`)
    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({
      'content-type': 'message/rfc822',
      'content-disposition': `attachment; filename="${shared}.eml"`,
      'cache-control': 'no-store',
    })
    expect(answer.text).toContain('Subject: Hello\r\n\r\nHello number 1\r\n')
    expect((await as['ann@one.test'].get(`/mails/${sent}/content`)).status).toBe(200)
    const { events } = await here.api.parts.events.readAll(null, { types: ['ContentRead'] }, 10)
    expect(events[0]?.data).toEqual({
      mail: shared,
      recipient: 'ann@one.test',
      by: 'ann@one.test',
      as: 'user',
      reason: null,
    })
  })

  it('is for an officer with a reason, which is kept', async () => {
    const olga = as['olga@one.test']
    const without = await olga.get(`/mails/${shared}/content`)
    expect([without.status, without.json['problems']]).toMatchObject([400, [{ where: 'header.mailkeep-reason' }]])
    expect((await olga.with({ 'mailkeep-reason': '  ' }).get(`/mails/${shared}/content`)).status).toBe(400)
    expect((await olga.with({ 'mailkeep-reason': 'case 17' }).get(`/mails/${shared}/content`)).status).toBe(200)
    const { events } = await here.api.parts.events.readAll(null, { types: ['ContentRead'] }, 10)
    expect(events.at(-1)?.data).toMatchObject({
      mail: shared,
      by: 'olga@one.test',
      as: 'compliance',
      reason: 'case 17',
    })
    expect(events.at(-1)?.metadata.actor).toEqual({ kind: 'account', address: 'olga@one.test' })
  })

  it('is for no administrator, no stranger, and not while held as a virus', async () => {
    expect((await as['root@one.test'].get(`/mails/${shared}/content`)).status).toBe(403)
    expect((await as['dora@one.test'].get(`/mails/${shared}/content`)).status).toBe(403)
    expect((await as['ben@one.test'].get(`/mails/${virus}/content`)).status).toBe(404)
    expect((await as['ann@one.test'].get(`/mails/${virus}/content`)).status).toBe(403)
    const { events } = await here.api.parts.events.readAll(null, { types: ['ContentRead'] }, 10)
    expect(events).toHaveLength(3)
  })

  it('that is gone is gone', async () => {
    const mail = await here.api.mail([ANN], { contentHash: 'b'.repeat(64) })
    expect((await as['ann@one.test'].get(`/mails/${mail}/content`)).status).toBe(410)
  })
})

describe('the archive’s part of a mail', () => {
  it('tells whose archive has a copy only to who may know of them', async () => {
    const copied = await here.api.mail([BEN, UMA], {
      flow: 'submission',
      account: 'ann@one.test',
      reversePath: 'ann@one.test',
    })
    for (const command of [recordScan(clean), archive('ann@one.test', { role: 'sent' }), archive('ben@one.test')])
      await here.api.mailCommand(copied, command)
    const archivedFor = async (who: (typeof people)[number]) =>
      ((await as[who].get(`/mails/${copied}`)).json['events'] as { type: string; data: { account: string } }[]).flatMap(
        ({ type, data }) => (type === 'Archived' ? [data.account] : []),
      )
    expect(await archivedFor('ann@one.test')).toEqual(['ann@one.test', 'ben@one.test'])
    expect(await archivedFor('ben@one.test')).toEqual(['ben@one.test'])
    expect(await archivedFor('otto@two.test')).toEqual([])
    expect(await archivedFor('root@one.test')).toEqual(['ann@one.test', 'ben@one.test'])
    const { json } = await as['root@one.test'].get(`/mails/${copied}`)
    expect(json['recipients']).toMatchObject([{ archived: true }, { archived: false }])
    await here.api.settled()
    const [listed] = (await as['root@one.test'].get('/mails?limit=1')).items
    expect(listed).toMatchObject({ id: copied, recipients: [{ archived: true }, { archived: false }] })
  })
})
