import { expect, it } from 'vitest'
import { PASSWORD, startDemo } from '#test/dsl/mailkeep'
import { conversation } from '#test/dsl/smtp/conversation'
import { as, comesTo, done, eventually, idIn, inbox, rcpt, send } from '#test/dsl/story'

it('knows at the next SMTP command what an API command has answered: accounts, aliases, groups, limits', async () => {
  const demo = await startDemo()
  const mx = demo.port('mx')
  const admin = await as(demo, 'admin')

  // An account is there as soon as its making is answered, and gone as soon as its deletion is.
  for (let turn = 0; turn < 3; turn++) {
    const address = `carl${turn}@mailkeep.test`
    expect(await rcpt(demo, address)).toMatch(/^550 5\.1\.1/)
    await done(admin, 'POST', '/accounts', { address, displayName: 'Carl', password: PASSWORD })
    expect(await rcpt(demo, address)).toMatch(/^250/)
    await done(admin, 'DELETE', `/accounts/${address}`)
    expect(await rcpt(demo, address)).toMatch(/^550 5\.1\.1/)
  }

  // Aliases, sub-addresses, groups within groups: one copy per mailbox, its header says for which address.
  await done(admin, 'PATCH', '/accounts/ann@mailkeep.test', { aliases: ['sales@mailkeep.test'] })
  await done(admin, 'POST', '/groups', { address: 'inner@mailkeep.test', members: ['ben@mailkeep.test'] })
  await done(admin, 'POST', '/groups', {
    address: 'all@mailkeep.test',
    members: ['sales@mailkeep.test', 'inner@mailkeep.test', 'officer@mailkeep.test'],
  })
  const mail = await send(demo, { to: ['Sales+spring@mailkeep.test', 'all@mailkeep.test'], subject: 'To many' })
  const traced = await comesTo(admin, mail, { ann: 'delivered', ben: 'delivered', officer: 'delivered' })
  expect(Object.fromEntries(traced.recipients.map(({ mailbox, address }) => [mailbox, address]))).toEqual({
    'ann@mailkeep.test': 'Sales+spring@mailkeep.test',
    'ben@mailkeep.test': 'all@mailkeep.test',
    'officer@mailkeep.test': 'all@mailkeep.test',
  })
  const [anns] = await inbox(demo, 'ann')
  expect(anns!.replaceAll(/\r\n\s/g, ' ')).toContain('for <Sales+spring@mailkeep.test>')

  // Nobody joins a group who is not there, and one whose members are gone is refused: nothing is accepted that can't be delivered.
  const elsewhere = { address: 'away@mailkeep.test', members: ['someone@mailkeep.test'] }
  expect((await admin.ask('POST', '/groups', elsewhere)).status).toBe(400)
  await done(admin, 'POST', '/accounts', { address: 'gone@mailkeep.test', displayName: 'Gone', password: PASSWORD })
  await done(admin, 'POST', '/groups', { ...elsewhere, members: ['gone@mailkeep.test'] })
  await done(admin, 'DELETE', '/accounts/gone@mailkeep.test')
  expect(await rcpt(demo, 'away@mailkeep.test')).toMatch(/^550 5\.1\.1/)

  // A domain, too.
  expect(await rcpt(demo, 'dora@second.test')).toMatch(/^550 5\.7\.1/)
  await done(admin, 'POST', '/domains', { name: 'second.test' })
  expect(await rcpt(demo, 'dora@second.test')).toMatch(/^550 5\.1\.1/)
  await done(admin, 'DELETE', '/domains/second.test')
  expect(await rcpt(demo, 'dora@second.test')).toMatch(/^550 5\.7\.1/)

  // Limits hold from the very next command on, within a conversation that began before.
  const began = await conversation(
    mx,
    `
    <- 220
    -> EHLO client.outside.example
    <~ SIZE 52428800
    `,
  )
  expect(began.replies).toHaveLength(2)
  await done(admin, 'PUT', '/policies/edge', {
    document: { limits: { messageSize: 2_000, recipientsPerMail: 2 } },
    reason: 'a story',
  })
  const { replies } = await conversation(
    mx,
    `
    <- 220
    -> EHLO client.outside.example
    <~ SIZE 2000\\b
    -> MAIL FROM:<cara@outside.example> SIZE=2001
    <- 552 5.3.4
    -> MAIL FROM:<cara@outside.example> SIZE=1000
    <- 250
    -> RCPT TO:<ann@mailkeep.test>
    <- 250
    -> RCPT TO:<ben@mailkeep.test>
    <- 250
    -> RCPT TO:<officer@mailkeep.test>
    <- 452 4.5.3
    -> DATA
    <- 354
    -> Subject: More than was said
    -> 
    -> ${'x'.repeat(900)}
    -> ${'x'.repeat(900)}
    -> ${'x'.repeat(900)}
    -> .
    <- 552 5.3.4
    -> QUIT
    <- 221
    `,
  )
  expect(idIn(replies)).toBe('')

  // All of it can be found, what was too large for each of those it was for.
  await eventually(async () => {
    const { items } = (await done(admin, 'GET', '/refusals?limit=500')) as {
      items: { check: string; stage: string; reversePath: string | null; recipient: string | null }[]
    }
    expect(
      items
        .filter(({ stage }) => stage === 'data')
        .map(({ reversePath, recipient }) => `${reversePath} ${recipient}`)
        .toSorted(),
    ).toEqual(['cara@outside.example ann@mailkeep.test', 'cara@outside.example ben@mailkeep.test'])
    const counted = new Set(items.map(({ stage, check }) => `${stage} ${check}`))
    expect([...counted]).toEqual(
      expect.arrayContaining([
        'rcpt unknown-recipient',
        'rcpt relay-denied',
        'rcpt recipients-per-mail',
        expect.stringMatching(/^(?:mail|data) .*size/),
      ]),
    )
  })
}, 120_000)
