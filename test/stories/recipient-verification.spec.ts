import { expect, it } from 'vitest'
import { startDemo } from '#test/dsl/mailkeep'
import { recipientHost } from '#test/dsl/recipient-host'
import { as, done, EICAR, eventually, rcpt, send } from '#test/dsl/story'

const HOUR = 3_600_000

it('refuses an unknown recipient at RCPT although the directory is the mailbox host’s, and takes known ones while it is away', async () => {
  let now = Date.now()
  const demo = await startDemo({}, { clock: () => now })
  const host = await recipientHost('dora@hosts.test', 'emil@hosts.test')
  const admin = await as(demo, 'admin')
  await done(admin, 'POST', '/domains', {
    name: 'hosts.test',
    mailboxHost: `lmtp://127.0.0.1:${host.port}?tls=off`,
    recipientSource: 'rcpt',
  })

  // Unknown: refused, and for a while not asked about again. What the host said is in the record of refusals.
  expect(await rcpt(demo, 'nobody@hosts.test')).toMatch(/^550 5\.1\.1/)
  expect(await rcpt(demo, 'Nobody@hosts.test')).toMatch(/^550 5\.1\.1/)
  expect(host.asked).toEqual(['nobody@hosts.test'])
  const refusal = await eventually(async () => {
    const { items } = await done(admin, 'GET', '/refusals?recipient=nobody@hosts.test')
    expect(items).not.toHaveLength(0)
    return (items as { check: string; evidence: string }[])[0]
  })
  expect(refusal).toMatchObject({ check: 'unknown-recipient', evidence: expect.stringContaining('No such user') })

  // Known: taken, delivered, and asked about once, whatever the sub-address. Nobody made an account for it.
  const mail = await send(demo, { to: ['dora@hosts.test', 'Dora+news@hosts.test'], subject: 'To a mailbox elsewhere' })
  await eventually(() => expect(host.delivered).toHaveLength(1))
  expect(host.delivered[0]).toMatchObject({ to: ['dora@hosts.test'] })
  expect(host.asked).toEqual(['nobody@hosts.test', 'dora@hosts.test'])
  expect((await done(admin, 'GET', `/mails/${mail}`)).recipients).toMatchObject([{ mailbox: 'dora@hosts.test' }])
  expect((await admin.ask('GET', '/accounts/dora@hosts.test')).status).toBe(404)

  // Held mail of such a mailbox is for the domain's administrators.
  const held = await send(demo, { to: ['dora@hosts.test'], subject: 'Virus', body: EICAR })
  await eventually(async () => {
    const { items } = await done(admin, 'GET', '/quarantine?recipient=dora@hosts.test')
    expect((items as { mail: string }[]).map((item) => item.mail)).toEqual([held])
  })

  // What the host says about us, or for now, is no word about the address.
  host.replies.set('greylisted@hosts.test', '450 4.2.0 Come again')
  host.replies.set('distrusted@hosts.test', '550 5.7.1 You may not ask')
  host.replies.set('full@hosts.test', '452 4.2.2 Mailbox full')
  expect(await rcpt(demo, 'greylisted@hosts.test')).toMatch(/^451 4\.4\.3/)
  expect(await rcpt(demo, 'distrusted@hosts.test')).toMatch(/^451 4\.4\.3/)
  expect(await rcpt(demo, 'full@hosts.test')).toMatch(/^250/)

  // Away: who was known is taken, even long after, new addresses are put off.
  await host.stop()
  now += 25 * HOUR
  expect(await rcpt(demo, 'dora@hosts.test')).toMatch(/^250/)
  expect(await rcpt(demo, 'emil@hosts.test')).toMatch(/^451 4\.4\.3/)
  expect(await rcpt(demo, 'nobody@hosts.test')).toMatch(/^451 4\.4\.3/)

  // Back, and things have changed there.
  await host.start()
  host.known.delete('dora@hosts.test')
  host.known.add('nobody@hosts.test')
  expect(await rcpt(demo, 'emil@hosts.test')).toMatch(/^250/)
  expect(await rcpt(demo, 'dora@hosts.test')).toMatch(/^550 5\.1\.1/)
  expect(await rcpt(demo, 'nobody@hosts.test')).toMatch(/^250/)
})
