import { beforeAll, expect, it } from 'vitest'
import type { MailCommand } from '#domain/mail/commands'
import type { ApiClient } from '#test/dsl/api-client'
import { installation } from '#test/dsl/api-installation'
import { clean, judge, never, recordDelivery, recordScan, scored } from '#test/dsl/mail'

const here = installation()
const ANN = { address: 'Ann@one.test', mailbox: 'ann@one.test' }
let root: ApiClient

beforeAll(async () => {
  root = await here.api.as('root@one.test')
})

const undeliverable = async (): Promise<string> => {
  const mail = await here.api.mail([ANN], {}, recordScan(clean), judge(scored('ann@one.test', 1)), {
    ...recordDelivery('ann@one.test', never),
    atEnd: 'keep',
  } as MailCommand)
  await here.api.settled()
  return mail
}

it('what is undeliverable is listed with its reason, in the queue and in the trace', async () => {
  const mail = await undeliverable()
  expect((await root.get('/queue')).items).toEqual([])
  const { items } = await root.get('/queue?state=undeliverable')
  expect(items).toMatchObject([
    { mail, recipient: 'ann@one.test', state: 'undeliverable', dueAt: null, reply: never, host: 'maildir' },
  ])
  expect((await root.get('/mails?state=undeliverable')).items).toMatchObject([{ id: mail }])
  const shown = (await root.get(`/mails/${mail}`)).json
  expect(shown).toMatchObject({ contentKept: true, recipients: [{ state: 'undeliverable', reply: never }] })
  await root.post(`/queue/${mail}/ann@one.test/discard`)
})

it('such a mail goes to another mailbox that exists', async () => {
  const mail = await undeliverable()
  const redirect = (to: string) => root.post(`/queue/${mail}/ann@one.test/redirect`, { to })
  const nobody = await redirect('nobody@one.test')
  expect([nobody.status, nobody.json['detail']]).toEqual([400, 'body.to: there is no mailbox nobody@one.test here'])
  expect((await redirect('someone@elsewhere.test')).status).toBe(400)
  const moved = await redirect('Ben@one.test')
  expect([moved.status, moved.json]).toMatchObject([200, { mail, recipient: 'ann@one.test', state: 'pending' }])
  await here.api.settled()
  expect((await root.get(`/queue/${mail}/ann@one.test`)).json).toMatchObject({
    state: 'pending',
    redirectedTo: 'ben@one.test',
  })
  expect((await root.get(`/mails/${mail}`)).json['events']).toContainEqual(
    expect.objectContaining({
      type: 'Redirected',
      data: expect.objectContaining({ to: 'ben@one.test', by: 'root@one.test' }),
    }),
  )
  expect((await redirect('olga@one.test')).status).toBe(409)
  expect((await root.post(`/queue/${mail}/ann@one.test/bounce`)).status).toBe(200)
})

it('such a mail is discarded, or tried again at its own mailbox', async () => {
  const mail = await undeliverable()
  const discarded = await root.post(`/queue/${mail}/ann@one.test/discard`, { reason: 'an advertisement' })
  expect([discarded.status, discarded.json]).toMatchObject([200, { state: 'discarded' }])
  expect((await root.post(`/queue/${mail}/ann@one.test/redirect`, { to: 'ben@one.test' })).status).toBe(409)
  const other = await undeliverable()
  expect((await root.post(`/queue/${other}/ann@one.test/retry`)).json).toMatchObject({ state: 'deferred' })
  expect((await root.post(`/queue/${other}/ann@one.test/discard`)).status).toBe(409)
})
