import { expect, it } from 'vitest'
import type { HttpClient } from '#test/dsl/http-client'
import { startDemo } from '#test/dsl/mailkeep'
import { as, done, eventually, sendRaw } from '#test/dsl/story'
import { submit } from '#test/dsl/submit'

const ANN = 'ann@mailkeep.test'
const BEN = 'ben@mailkeep.test'

interface Found {
  readonly items: readonly {
    readonly id: string
    readonly subject: string
    readonly role: string
    readonly highlights: readonly string[]
  }[]
  readonly next: string | null
  readonly position: string
  readonly facets: {
    readonly total: number
    readonly people: readonly { readonly value: string; readonly count: number }[]
  } | null
}

it('finds archived mail by words and filters: one’s own, or an officer all with a reason, each search on record', async () => {
  const demo = await startDemo({ MAILKEEP_SUBMISSION_PORT: '0', MAILKEEP_SUBMISSIONS_PORT: '0' })
  const [admin, ann, ben, officer] = await Promise.all(['admin', 'ann', 'ben', 'officer'].map((who) => as(demo, who)))
  await done(admin!, 'PATCH', `/archive/accounts/${BEN}`, { subscribed: true })
  const raw = (subject: string, more: string, body: string): string =>
    `From: Cara <cara@outside.example>\r\nTo: ${ANN}\r\nSubject: ${subject}\r\n${more}\r\n${body}\r\n`
  await sendRaw(demo, {
    to: [ANN],
    raw: Buffer.from(raw('Budget', 'Message-ID: <b1@outside.example>\r\n', 'We were running out of <paper>.')),
  })
  await sendRaw(demo, {
    to: [ANN],
    raw: Buffer.from(raw('Re: Budget', 'References: <b1@outside.example>\r\n', 'No more to be said.')),
  })
  await submit(demo, { raw: `From: ${ANN}\r\nTo: ${BEN}\r\nSubject: Lunch\r\n\r\nThe budget is for lunch\r\n` })
  const find = async (client: HttpClient, q: string, more = ''): Promise<Found> =>
    (await done(client, 'GET', `/archive/mails?q=${encodeURIComponent(q)}${more}`)) as unknown as Found
  const subjects = async (client: HttpClient, q: string): Promise<readonly string[]> =>
    (await find(client, q)).items.map(({ role, subject }) => `${role}: ${subject}`)

  await eventually(async () => expect((await find(ann!, '')).items).toHaveLength(3))
  expect(await subjects(ann!, 'run -lunch')).toEqual(['received: Budget'])
  expect(await subjects(ann!, 'in:sent budget')).toEqual(['sent: Lunch'])
  expect(await subjects(ann!, 'thread:b1@outside.example')).toEqual(['received: Re: Budget', 'received: Budget'])
  expect((await find(ann!, 'running')).items[0]?.highlights).toEqual([
    'We were <mark>running</mark> out of &lt;paper&gt;.',
  ])
  const counted = await find(ann!, 'budget', '&facets=true&limit=2')
  expect(counted.facets).toMatchObject({ total: 3 })
  expect(counted.facets?.people[0]).toEqual({ value: ANN, count: 3 })
  expect(counted.position).toMatch(/^\d{20}$/)
  const rest = await find(ann!, 'budget', `&limit=2&cursor=${counted.next}`)
  expect([...counted.items, ...rest.items].map(({ subject }) => subject).sort()).toEqual([
    'Budget',
    'Lunch',
    'Re: Budget',
  ])
  expect([rest.items.length, rest.next]).toEqual([1, null])

  // Ben finds his own, and nothing of hers however he asks.
  await eventually(async () => expect(await subjects(ben!, '')).toEqual(['received: Lunch']))
  expect(await subjects(ben!, `account:${ANN} OR running OR -lunch OR thread:b1@outside.example`)).toEqual([])
  const itemOfAnn = counted.items[0]!.id
  expect(await subjects(ben!, `thread:${itemOfAnn}`)).toEqual([])

  // What is wrong, and where.
  const wrong = await ann!.ask('GET', `/archive/mails?q=${encodeURIComponent('budget (from:ann')}`)
  expect([wrong.status, wrong.text]).toEqual([400, expect.stringContaining('at character 8: this ( is never closed')])
  expect((await ann!.ask('GET', '/archive/mails?q=budget&cursor=made-up')).status).toBe(400)

  // An officer says why, and sees all.
  expect((await officer!.ask('GET', '/archive/mails?q=budget')).status).toBe(400)
  const reason = { 'Mailkeep-Reason': 'case 17' }
  const all = await officer!.ask('GET', '/archive/mails?q=budget', undefined, reason)
  expect((all.body['items'] as unknown[]).length).toBe(4)
  const { events } = await demo.foundation.log.readAll(null, { types: ['ArchiveSearched'] }, 1_000)
  expect(events.at(-1)?.data).toMatchObject({
    as: 'compliance',
    reason: 'case 17',
    query: 'budget',
    found: 4,
    account: null,
  })
  expect(await demo.foundation.indexing.verify('read')).toMatchObject({ copies: 4, index: { mended: 0 } })
  await demo.stop()
}, 60_000)
