import { expect, it } from 'vitest'
import { HOUR } from '#domain/kernel/instant'
import { PASSWORD, startDemo } from '#test/dsl/mailkeep'
import { signIn } from '#test/dsl/http-client'
import { as, done, eventually, inbox } from '#test/dsl/story'

it('makes an officer only with a second person, or after a day where there is none, and tells those it concerns', async () => {
  let moved = 0
  const demo = await startDemo({}, { clock: () => Date.now() + moved })
  let admin = await as(demo, 'admin')
  const rolesOf = async (local: string) =>
    (await done(admin, 'GET', `/accounts/${local}@mailkeep.test`))['roles'] as string[]

  // One administrator: it waits a day, and ann and the officer read of it.
  await done(admin, 'PATCH', '/accounts/ann@mailkeep.test', { roles: ['user', 'compliance'] })
  expect(await rolesOf('ann')).toEqual(['user'])
  for (const told of ['ann', 'officer'])
    await eventually(async () =>
      expect((await inbox(demo, told)).map((mail) => mail.replaceAll(/\r\n\s/g, ' '))).toEqual([
        expect.stringContaining(
          'Subject: admin@mailkeep.test asks to give ann@mailkeep.test the roles user, compliance',
        ),
      ]),
    )
  moved += 24 * HOUR - 60_000
  admin = await as(demo, 'admin')
  expect(await rolesOf('ann')).toEqual(['user'])
  moved += 61_000
  await eventually(async () => expect((await rolesOf('ann')).toSorted()).toEqual(['compliance', 'user']))

  // Two administrators: the second decides, and is told that it is asked.
  await done(admin, 'POST', '/accounts', {
    address: 'second@mailkeep.test',
    displayName: 'Second',
    password: PASSWORD,
    roles: ['user', 'admin'],
  })
  await done(admin, 'PATCH', '/accounts/ben@mailkeep.test', { roles: ['user', 'compliance'] })
  const { items } = (await done(admin, 'GET', '/approvals?state=waiting')) as {
    items: { id: string; dueAt: string | null; account: string }[]
  }
  expect(items).toMatchObject([{ account: 'ben@mailkeep.test', dueAt: null }])
  await eventually(async () => expect(await inbox(demo, 'second')).toHaveLength(1))
  expect((await admin.ask('POST', `/approvals/${items[0]!.id}/approve`, {})).status).toBe(403)
  moved += 48 * HOUR
  admin = await as(demo, 'admin')
  expect(await rolesOf('ben')).toEqual(['user'])
  const decider = await signIn(demo.port('http'), 'second@mailkeep.test', PASSWORD)
  await done(decider, 'POST', `/approvals/${items[0]!.id}/approve`, {})
  await eventually(async () => expect((await rolesOf('ben')).toSorted()).toEqual(['compliance', 'user']))
}, 120_000)
