import { expect, it } from 'vitest'
import { startDemo } from '#test/dsl/mailkeep'
import { as, done, eventually, rcpt, send } from '#test/dsl/story'
import { startDovecot } from './dovecot.ts'

it('asks a real Dovecot who is there, over TCP and its socket, and remembers it while Dovecot is down', async () => {
  const dovecot = await startDovecot({ mailboxes: { 'anna@dove.test': null, 'bert@dove.test': null } })
  try {
    const demo = await startDemo()
    const admin = await as(demo, 'admin')
    const hosted = { name: 'dove.test', mailboxHost: `lmtp://127.0.0.1:${dovecot.lmtp}`, recipientSource: 'rcpt' }
    await done(admin, 'POST', '/domains', hosted)
    expect(await rcpt(demo, 'nobody@dove.test')).toMatch(/^550 5\.1\.1/)
    await send(demo, { to: ['Anna@dove.test'], subject: 'Through Dovecot' })
    await eventually(async () => expect(await dovecot.messages('anna@dove.test')).toHaveLength(1))

    await dovecot.kill()
    expect(await rcpt(demo, 'anna@dove.test')).toMatch(/^250/)
    expect(await rcpt(demo, 'bert@dove.test')).toMatch(/^451 4\.4\.3/)
    await dovecot.restart()
    expect(await rcpt(demo, 'bert@dove.test')).toMatch(/^250/)

    await done(admin, 'PATCH', '/domains/dove.test', { mailboxHost: `lmtp://${dovecot.socket}` })
    expect(await rcpt(demo, 'no-more@dove.test')).toMatch(/^550 5\.1\.1/)
  } finally {
    await dovecot.stop()
  }
})
