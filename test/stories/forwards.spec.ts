import { afterEach, expect, it } from 'vitest'
import { scriptedDns } from '#test/dsl/dns'
import { dnsServer } from '#test/dsl/dns-server'
import { startDemo, type Demo } from '#test/dsl/mailkeep'
import { conversation } from '#test/dsl/smtp/conversation'
import { recordingListener } from '#test/dsl/smtp/recording-listener'
import { as, comesTo, done, EICAR, eventually, GTUBE, idIn, inbox, send, trace } from '#test/dsl/story'
import { submit } from '#test/dsl/submit'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

const CARA = 'cara@outside.example'
const AWAY = 'Ann.Lee@remote.test'

/** Where ann forwards to is at 127.0.0.1, where cara writes from at 127.0.0.2. */
const world = async () => {
  const remote = await recordingListener()
  const outside = await recordingListener({ bind: '127.0.0.2', port: remote.port })
  const dns = await dnsServer(
    scriptedDns({
      'remote.test': { MX: [{ priority: 10, exchange: 'mx.remote.test' }] },
      'mx.remote.test': { A: ['127.0.0.1'] },
      'outside.example': { MX: [{ priority: 10, exchange: 'mx.outside.example' }] },
      'mx.outside.example': { A: ['127.0.0.2'] },
    }),
  )
  ends.push(
    () => remote.close(0),
    () => outside.close(0),
    () => dns.close(),
  )
  const demo = await startDemo({
    MAILKEEP_SUBMISSION_PORT: '0',
    MAILKEEP_DNS_SERVERS: dns.address,
    MAILKEEP_RELAY_PORT: String(remote.port),
  })
  return { demo, remote, outside }
}

/** What a server says that could not deliver; answers the mail's id. */
const bounces = async (demo: Demo, to: string, body: string): Promise<string> => {
  const { replies } = await conversation(
    demo.port('mx'),
    `
    <- 220
    -> EHLO mx.remote.test
    <- 250
    -> MAIL FROM:<>
    <- 250
    -> RCPT TO:<${to}>
    <- 250
    -> DATA
    <- 354
    -> From: Mail Delivery <mailer-daemon@remote.test>
    -> To: <${CARA}>
    -> Subject: Undelivered mail
    -> Date: ${new Date().toUTCString().replace('GMT', '+0000')}
    -> Message-ID: <${to.length}.${Date.now()}@remote.test>
    -> 
    -> ${body}
    -> .
    <- 250 2.0.0 Ok:
    `,
  )
  return idIn(replies)
}

it('what ann gets goes on to where she is now, its bounces come back through here, and what is held goes nowhere', async () => {
  const { demo, remote, outside } = await world()
  const admin = await as(demo, 'admin')
  const ann = await as(demo, 'ann')
  const path = '/accounts/ann@mailkeep.test'
  expect((await ann.ask('PATCH', path, { forwarding: { to: [AWAY] } })).status).toBe(403)
  await done(admin, 'PATCH', path, { forwarding: { to: [AWAY], keepCopy: false } })

  // A mail from outside: it goes on under a return address of ours, as it came, and none of it stays.
  const id = await send(demo, { to: ['ann@mailkeep.test', 'ben@mailkeep.test'], subject: 'News' })
  await comesTo(admin, id, { ann: 'delivered', ben: 'delivered', [AWAY]: 'delivered' })
  const [forwarded] = remote.mails
  expect(forwarded).toMatchObject({ recipients: [AWAY] })
  expect(forwarded!.reversePath).toMatch(/^SRS0=[a-z2-7]{8}=[A-Z2-7]{2}=outside\.example=cara@mailkeep\.test$/)
  expect(forwarded!.headerBlock).not.toMatch(/^DKIM-Signature/m)
  expect(forwarded!.content.toString()).toContain('Subject: News')
  expect([await inbox(demo, 'ann'), (await inbox(demo, 'ben')).length]).toEqual([[], 1])
  const traced = await trace(admin, id)
  expect(traced.recipients).toMatchObject([
    { address: 'ann@mailkeep.test', mailbox: 'ann@mailkeep.test', route: 'mailbox', reply: { text: 'Forwarded' } },
    { address: 'ben@mailkeep.test', mailbox: 'ben@mailkeep.test', route: 'mailbox' },
    { address: 'ann@mailkeep.test', mailbox: AWAY, route: 'relay' },
  ])
  const anns = await trace(ann, id)
  expect(anns.recipients.map(({ mailbox }) => mailbox)).toEqual(['ann@mailkeep.test', AWAY])
  expect((await trace(await as(demo, 'ben'), id)).recipients).toHaveLength(1)

  // It could not be delivered there: the bounce is scanned and passed on to cara; one with a virus is not.
  const home = forwarded!.reversePath!
  const bounce = await bounces(demo, home, 'There is no such user.')
  await eventually(() => expect(outside.mails).toHaveLength(1))
  expect(outside.mails).toMatchObject([{ reversePath: null, recipients: [CARA] }])
  expect(outside.mails[0]!.content.toString()).toContain('There is no such user.')
  await eventually(async () =>
    expect((await trace(admin, bounce)).recipients).toMatchObject([
      { address: home, state: 'delivered' },
      { address: home, mailbox: CARA, route: 'relay', state: 'delivered' },
    ]),
  )
  const infected = await bounces(demo, home, EICAR)
  await eventually(async () =>
    expect((await trace(admin, infected)).recipients).toMatchObject([{ state: 'quarantined', reason: 'virus' }]),
  )
  expect(outside.mails).toHaveLength(1)

  // Spam is held, and goes on only when it is released.
  const spam = await send(demo, { to: ['ann@mailkeep.test'], subject: 'Offer', body: GTUBE })
  await comesTo(admin, spam, { ann: 'quarantined: spam' })
  expect(remote.mails).toHaveLength(1)
  await done(ann, 'POST', `/quarantine/${spam}/ann@mailkeep.test/release`, {})
  await eventually(() => expect(remote.mails).toHaveLength(2))
  await comesTo(admin, spam, { ann: 'delivered: spam', [AWAY]: 'delivered' })

  // What ben sends her goes out as his.
  await submit(
    demo,
    { from: 'ben@mailkeep.test', to: 'ann@mailkeep.test', subject: 'Lunch' },
    { user: 'ben@mailkeep.test' },
  )
  await eventually(() => expect(remote.mails).toHaveLength(3))
  expect(remote.mails[2]).toMatchObject({ reversePath: 'ben@mailkeep.test', recipients: [AWAY] })

  // Back home: her mail stays with her.
  await done(admin, 'PATCH', path, { forwarding: null })
  const last = await send(demo, { to: ['ann@mailkeep.test'], subject: 'Back' })
  await comesTo(admin, last, { ann: 'delivered' })
  expect(await inbox(demo, 'ann')).toHaveLength(1)
}, 120_000)
