import { beforeAll, describe, expect, it } from 'vitest'
import { HOUR } from '#domain/kernel/instant'
import type { MailCommand } from '#domain/mail/commands'
import type { Reply } from '#domain/message/reply'
import type { ApiClient } from '#test/dsl/api-client'
import { installation } from '#test/dsl/api-installation'
import { accept, recordDelivery, scanner } from '#test/dsl/mail'
import { DESTINATIONS } from './queue-destinations.ts'

const here = installation()
let root: ApiClient

const greylisted: Reply = { code: 450, enhancedCode: '4.2.0', text: 'Come again' }
const noConnection: Reply = { code: 451, enhancedCode: '4.4.1', text: 'mx1.slow.test: no connection' }
let mails = 0

/** A submission of ann's that is to be relayed; its first attempt got this reply, a day is to go until the next one. */
const waits = async (to: string, reply: Reply | null, more: readonly object[] = [], by = 'ann@one.test') => {
  const { api } = here
  const id = `01JNQ${String(++mails).padStart(21, '0')}`
  await api.mailCommand(id, {
    ...accept([{ address: to, mailbox: to, route: 'relay' }], 'submission', {
      acceptedAt: api.clock.now,
      account: by,
      reversePath: by,
    }),
    scanner,
  })
  if (reply !== null)
    await api.mailCommand(id, {
      ...recordDelivery(to, reply, 1, api.clock.now),
      host: `mx1.${to.split('@')[1]}:25`,
      retry: { delays: [24 * HOUR], expireAfter: 120 * HOUR },
      ...(reply === noConnection ? { circumstance: 'destination-away' } : {}),
    } as MailCommand)
  for (const command of more) await api.mailCommand(id, { recipient: to, by: 'spec', ...command } as MailCommand)
  return id
}

const held = async (mail: string, to: string) => (await root.get(`/queue/${mail}/${to}`)).json['held']
const mailsIn = async (query: string) => (await root.get(`/queue?${query}`)).items.map(({ mail }) => mail)

const ids: string[] = []
beforeAll(async () => {
  root = await here.api.as('root@one.test')
  ids.push(
    await waits('Xena@slow.test', noConnection),
    await waits('yves@slow.test', noConnection, [{ kind: 'hold' }], 'ben@one.test'),
  )
  here.api.clock.now += HOUR
  ids.push(await waits('zoe@slow.test', null), await waits('x@grey.test', greylisted))
  await here.api.settled()
})

describe('the queue by destination', () => {
  it('counts what waits, says since when, what comes next, and what was said last', async () => {
    expect((await root.get('/queue/destinations')).items).toEqual([
      {
        destination: 'grey.test',
        route: 'relay',
        waiting: 1,
        due: 0,
        held: 0,
        undeliverable: 0,
        waitingSince: '2026-01-01T01:00:00.000Z',
        dueAt: '2026-01-02T01:00:00.000Z',
        reply: greylisted,
        host: 'mx1.grey.test:25',
        repliedAt: '2026-01-01T01:00:00.000Z',
        deliveredAt: null,
        awaySince: null,
      },
      {
        destination: 'slow.test',
        route: 'relay',
        waiting: 3,
        due: 1,
        held: 1,
        undeliverable: 0,
        waitingSince: '2026-01-01T00:00:00.000Z',
        dueAt: '2026-01-01T01:00:00.000Z',
        reply: noConnection,
        host: 'mx1.slow.test:25',
        repliedAt: '2026-01-01T00:00:00.000Z',
        deliveredAt: null,
        awaySince: '2026-01-01T00:00:00.000Z',
      },
    ])
  })

  it('is narrowed, ordered and paged by key', async () => {
    const names = async (query: string) =>
      (await root.get(`/queue/destinations?${query}`)).items.map(({ destination }) => destination)
    expect(await names('destination=SLOW.test')).toEqual(['slow.test'])
    expect(await names('away=true')).toEqual(['slow.test'])
    expect(await names('away=false')).toEqual(['grey.test'])
    expect(await names('order=waiting')).toEqual(['slow.test', 'grey.test'])
    for (const order of ['name', 'waiting']) {
      const first = await root.get(`/queue/destinations?limit=1&order=${order}`)
      const second = await root.get(`/queue/destinations?limit=1&order=${order}&cursor=${String(first.json['next'])}`)
      expect([first, second].map(({ items }) => items[0]?.['destination'])).toEqual(await names(`order=${order}`))
      expect(second.json['next']).toBeNull()
    }
    expect((await root.get('/queue/destinations?cursor=x')).json['problems']).toMatchObject([{ where: 'query.cursor' }])
  })

  it('looks at no entry that it need not count', () => {
    for (const sql of Object.values(DESTINATIONS)) {
      const plan = here.api.parts.views.select<{ detail: string }>('delivery-queue', `EXPLAIN QUERY PLAN ${sql}`)
      const steps = plan.map(({ detail }) => detail).filter((detail) => / e\b/.test(detail))
      expect(steps).toHaveLength(4)
      for (const step of steps) expect(step).toMatch(/^SEARCH e USING (COVERING )?INDEX .*\(domain=\?/)
      expect(plan.filter(({ detail }) => detail.includes('TEMP B-TREE') && / e\b/.test(detail))).toEqual([])
    }
  })
})

describe('the queue', () => {
  it('is narrowed by whatever is asked for', async () => {
    const [first, second, third, fourth] = ids
    expect(await mailsIn('destination=slow.test')).toEqual([first, second, third])
    expect(await mailsIn('sender=Ben@one.test')).toEqual([second])
    expect(await mailsIn('recipient=xena@slow.test')).toEqual([first])
    expect(await mailsIn('state=pending')).toEqual([third])
    expect(await mailsIn('held=true')).toEqual([second])
    expect(await mailsIn('reply=450%204.2.0%20come')).toEqual([fourth])
    expect(await mailsIn('before=2026-01-01T01:00:00Z')).toEqual([first, second])
    expect(await mailsIn('destination=slow.test&sender=ann@one.test&reply=connection')).toEqual([first])
    expect(await mailsIn('sender=%3C%3E')).toEqual([])
    const page = await root.get('/queue?destination=slow.test&limit=2')
    expect(await mailsIn(`destination=slow.test&limit=2&cursor=${String(page.json['next'])}`)).toEqual([third])
    for (const wrong of ['sender=nobody', 'before=yesterday', 'state=lost', 'held=1', 'domain=slow.test'])
      expect((await root.get(`/queue?${wrong}`)).status).toBe(400)
  })
})

describe('an act on many', () => {
  it('needs to be told on which', async () => {
    for (const body of [{}, undefined, { reason: 'because' }]) {
      const answer = await root.post('/queue/bounce', body)
      expect(answer.json).toMatchObject({
        status: 400,
        problems: [{ where: 'body', problem: expect.stringContaining('all: true') }],
      })
    }
    for (const body of [{ all: false }, { all: true, limit: 0 }, { all: true, limit: 1_001 }, { sendr: 'x' }])
      expect((await root.post('/queue/bounce', body)).status).toBe(400)
    expect((await root.post('/queue/hold', { all: true, cursor: 'x' })).json['problems']).toMatchObject([
      { where: 'body.cursor' },
    ])
    expect(await mailsIn('')).toEqual(ids)
  })

  it('changes what matches, so many at a time, and what is so already not again', async () => {
    const slow = { destination: 'slow.test' }
    const first = await root.post('/queue/hold', { ...slow, limit: 1, reason: 'their move' })
    expect(first.json).toMatchObject({ done: 1, unchanged: 0, next: expect.any(String) })
    expect(here.api.logged.at(-1)).toMatchObject({
      sentence: 'hold, with a reason',
      about: { act: 'hold', filter: slow, done: 1, by: 'root@one.test', reason: 'their move' },
    })
    const rest = await root.post('/queue/hold', { ...slow, cursor: first.json['next'] })
    expect(rest.json).toEqual({ done: 1, unchanged: 0, next: null })
    const listed = await root.with({ 'mailkeep-after': rest.position }).get('/queue?held=true')
    expect(listed.items.map(({ mail }) => mail)).toEqual(ids.slice(0, 3))
    expect((await root.post('/queue/hold', slow)).json).toEqual({ done: 0, unchanged: 0, next: null })
    // What is held is not tried.
    expect((await root.post('/queue/retry', slow)).json).toMatchObject({ done: 0 })
    expect((await root.post('/queue/unhold', { ...slow, sender: 'ann@one.test' })).json).toMatchObject({ done: 2 })
    expect(await held(ids[1] ?? '', 'yves@slow.test')).toBe(true)
  })

  it('tries what is not due yet at once', async () => {
    const retried = await root.post('/queue/retry', { all: true })
    expect(retried.json).toMatchObject({ done: 2, next: null })
    const { items } = await root.with({ 'mailkeep-after': retried.position }).get('/queue?state=deferred&held=false')
    expect(items.map(({ mail, dueAt }) => [mail, dueAt])).toEqual(
      [ids[0], ids[3]].map((mail) => [mail, '2026-01-01T01:00:00.000Z']),
    )
  })

  it('is done once for each Idempotency-Key', async () => {
    const keyed = root.with({ 'idempotency-key': 'grey-1' })
    const gone = { destination: 'grey.test' }
    expect((await keyed.post('/queue/bounce', gone)).json).toMatchObject({ done: 1 })
    const later = await waits('later@grey.test', greylisted)
    await here.api.settled()
    const again = await keyed.post('/queue/bounce', gone)
    expect([again.json, again.headers['idempotency-replayed']]).toMatchObject([{ done: 1 }, 'true'])
    expect(await mailsIn('destination=grey.test')).toEqual([later])
    expect((await keyed.post('/queue/bounce', { all: true })).status).toBe(422)
  })

  it('gives up on all of it, what is held too', async () => {
    const bounced = await root.post('/queue/bounce', { all: true })
    expect(bounced.json).toMatchObject({ done: 4, next: null })
    expect((await root.with({ 'mailkeep-after': bounced.position }).get('/queue/destinations')).items).toEqual([])
    expect((await root.get(`/mails/${ids[0]}`)).json).toMatchObject({
      recipients: [{ state: 'bounced', reply: { enhancedCode: '5.7.1' } }],
    })
  })
})
