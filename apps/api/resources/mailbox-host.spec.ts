import { expect, it } from 'vitest'
import { installation } from '#test/dsl/api-installation'

const here = installation()

it('an administrator says where the mailboxes of a domain are', async () => {
  const root = await here.api.as('root@one.test')
  const mailboxHost = 'lmtp://dovecot.one.test?tls=required&user=mailkeep,lmtp:///run/dovecot/lmtp'
  const changed = await root.patch('/domains/one.test', { mailboxHost, mailboxHostPassword: 'between us' })
  expect([changed.status, changed.json]).toMatchObject([200, { mailboxHost, mailboxHostPasswordSet: true }])
  expect(changed.text).not.toContain('between us')
  const { hostedDomains, secrets } = here.api.parts
  const sealed = hostedDomains.mailboxHostPassword('one.test')
  expect(sealed).toMatch(/^sealed:1:/)
  expect(secrets.open(sealed ?? '', 'mailbox-host:one.test')).toBe('between us')

  const wrong = await root.patch('/domains/one.test', { mailboxHost: 'lmtp://user:secret@dovecot.one.test' })
  expect(wrong.status).toBe(400)
  expect(JSON.stringify(wrong.json['problems'])).toMatch(/body\.mailboxHost.*lmtp:\/\/host:24/)

  const without = await root.patch('/domains/one.test', { mailboxHost: 'maildir', mailboxHostPassword: null })
  expect(without.json).toMatchObject({ mailboxHost: 'maildir', mailboxHostPasswordSet: false })
})

it("a domain's own administrator does not", async () => {
  const dora = await here.api.as('dora@one.test')
  for (const change of [{ mailboxHost: 'lmtp://127.0.0.1:1' }, { mailboxHostPassword: 'x' }])
    expect((await dora.patch('/domains/one.test', change)).status).toBe(403)
  expect((await dora.patch('/domains/one.test', { threshold: 6 })).status).toBe(200)
})

it('a domain is added with its host', async () => {
  const root = await here.api.as('root@one.test')
  const body = { name: 'four.test', mailboxHost: 'smtp://mail.four.test?user=m', mailboxHostPassword: 'p' }
  const added = await root.post('/domains', body)
  expect([added.status, added.json]).toMatchObject([
    201,
    { mailboxHost: body.mailboxHost, mailboxHostPasswordSet: true },
  ])
})
