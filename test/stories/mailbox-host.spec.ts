import { expect, it } from 'vitest'
import { startDemo } from '#test/dsl/mailkeep'
import { scriptedServer } from '#test/dsl/smtp/scripted-server'
import { as, eventually, outcomes, send, trace } from '#test/dsl/story'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const lhlo = String.raw`
  <- 220 mailboxes LMTP
  -> LHLO mx.mailkeep.test
  <- 250-mailboxes\n250-PIPELINING\n250-8BITMIME\n250 AUTH PLAIN
  -> AUTH PLAIN ${base64('\0mailkeep\0between us')}
  <- 235 2.7.0 welcome
  .. here
  -> MAIL
  <- 250 ok
  -> RCPT`
const rest = `
  <- 250 ok
  -> DATA
  <- 354 go on
  .. message
  <- 250 2.0.0 saved
  .. again`
const takesAll = lhlo + rest
const knowsNobody = `${lhlo}
  <- 550 5.1.1 User does not exist
  -> DATA
  <- 503 5.5.1 no recipients
  .. again`

it('mail goes to the mailbox host of the domain, with its headers; what that refuses waits for an administrator', async () => {
  const demo = await startDemo()
  const admin = await as(demo, 'admin')
  const host = await scriptedServer([takesAll])
  const changed = await admin.ask('PATCH', '/domains/mailkeep.test', {
    mailboxHost: `lmtp://127.0.0.1:${host.port}?tls=off&user=mailkeep`,
    mailboxHostPassword: 'between us',
  })
  expect(changed.status).toBe(200)

  const id = await send(demo, { to: ['ann@mailkeep.test', 'ben@mailkeep.test'], subject: 'To a host' })
  await eventually(async () => expect(await outcomes(admin, id)).toEqual({ ann: 'delivered', ben: 'delivered' }))
  expect(host.surprises).toEqual([])
  expect(host.messages.map(({ envelope }) => envelope[1]).toSorted()).toEqual([
    'RCPT TO:<ann@mailkeep.test>',
    'RCPT TO:<ben@mailkeep.test>',
  ])
  const [{ content = '' } = {}] = host.messages
  expect(content).toMatch(/^Received: from client\.outside\.example[^]*Authentication-Results: mx\.mailkeep\.test/)
  expect(content).not.toMatch(/^Return-Path/m)
  expect(content).toMatch(/^X-Spam-Status: No/m)
  expect((await trace(admin, id)).events.at(-1)).toMatchObject({
    type: 'Delivered',
    data: { host: `lmtp://127.0.0.1:${host.port}`, reply: { code: 250, enhancedCode: '2.0.0', text: 'saved' } },
  })

  await host.close()
  const unsure = await scriptedServer([knowsNobody])
  await admin.ask('PATCH', '/domains/mailkeep.test', {
    mailboxHost: `lmtp://127.0.0.1:${unsure.port}?tls=off&user=mailkeep`,
  })
  const lost = await send(demo, { to: ['ann@mailkeep.test'], subject: 'To nobody' })
  await eventually(async () => expect(await outcomes(admin, lost)).toEqual({ ann: 'undeliverable' }))
  await eventually(async () =>
    expect((await admin.ask('GET', '/queue?state=undeliverable')).body['items']).toMatchObject([
      { mail: lost, recipient: 'ann@mailkeep.test', reply: { code: 550, enhancedCode: '5.1.1' } },
    ]),
  )
  await admin.ask('PATCH', '/domains/mailkeep.test', { mailboxHost: 'maildir' })
  const moved = await admin.ask('POST', `/queue/${lost}/ann@mailkeep.test/redirect`, { to: 'ben@mailkeep.test' })
  expect(moved.status).toBe(200)
  await eventually(async () => expect(await outcomes(admin, lost)).toEqual({ ann: 'delivered' }))
  expect((await trace(admin, lost)).events.map(({ type }) => type).slice(-3)).toEqual([
    'Undeliverable',
    'Redirected',
    'Delivered',
  ])
})

it('a host that is lost after the message may have it twice, never not at all, and the trace says so', async () => {
  const demo = await startDemo()
  const admin = await as(demo, 'admin')
  const host = await scriptedServer([
    String.raw`
    <- 220 mailboxes LMTP
    -> LHLO
    <- 250 mailboxes
    -> MAIL
    <- 250 ok
    -> RCPT
    <- 250 ok
    -> DATA
    <- 354 go on
    .. message
    .. close`,
    takesAll.replaceAll(/.*AUTH PLAIN.*\n|.*235.*\n/g, (line) => (line.includes('250 AUTH') ? line : '')),
  ])
  await admin.ask('PATCH', '/domains/mailkeep.test', { mailboxHost: `lmtp://127.0.0.1:${host.port}?tls=off` })
  const id = await send(demo, { to: ['ann@mailkeep.test'], subject: 'Twice' })
  await eventually(async () => expect(await outcomes(admin, id)).toEqual({ ann: 'deferred' }))
  const deferred = (await trace(admin, id)).events.find(({ type }) => type === 'Deferred')
  expect(deferred?.data).toMatchObject({
    cause: 'uncertain',
    reply: { code: 451, enhancedCode: '4.4.2', text: expect.stringMatching(/may have been delivered/) },
  })
  await admin.ask('POST', `/queue/${id}/ann@mailkeep.test/retry`)
  await eventually(async () => expect(await outcomes(admin, id)).toEqual({ ann: 'delivered' }))
  expect(host.messages).toHaveLength(2)
})
