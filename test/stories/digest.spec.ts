import { expect, it } from 'vitest'
import PostalMime from 'postal-mime'
import { DAY } from '#domain/kernel/instant'
import { startDemo, type Demo } from '#test/dsl/mailkeep'
import { as, comesTo, done, EICAR, eventually, GTUBE, inbox, send, trace, types } from '#test/dsl/story'

const digestsIn = async (demo: Demo, local: string) => {
  const mails = await Promise.all((await inbox(demo, local)).map((raw) => PostalMime.parse(Buffer.from(raw, 'latin1'))))
  return mails.filter(({ subject }) => subject?.endsWith(' held for you'))
}

const linkIn = (text: string | undefined, words: string): string => {
  const found = new RegExp(`^${words}: +(\\S+)$`, 'm').exec(text ?? '')?.[1]
  if (found === undefined) throw new Error(`no link "${words}" in:\n${text}`)
  return found
}

const pressOf = (page: string): string => /name="press" value="([^"]+)"/.exec(page)?.[1] ?? ''

const post = (url: string, body: Record<string, string>) =>
  fetch(url, { method: 'POST', body: new URLSearchParams(body), redirect: 'manual' })

it('tells each user once a day what was held, and its links do what they say when a person presses', async () => {
  let moved = 0
  const demo = await startDemo({}, { clock: () => Date.now() + moved })
  const later = (time: number) => void (moved += time)
  let [ann, admin] = [await as(demo, 'ann'), await as(demo, 'admin')]
  const to = ['ann@mailkeep.test']
  const hostile = '=?utf-8?q?<script>alert(1)</script>_https://evil.example?='
  const spam = await send(demo, { to, subject: hostile, body: GTUBE })
  const other = await send(demo, { from: 'dan@outside.example', to, subject: 'Second', body: GTUBE })
  const virus = await send(demo, { to, subject: 'Third', body: EICAR })
  const good = await send(demo, { to, subject: 'Fourth' })
  await comesTo(admin, spam, { ann: 'quarantined: spam' })
  await comesTo(admin, other, { ann: 'quarantined: spam' })
  await comesTo(admin, virus, { ann: 'quarantined: virus' })
  await comesTo(admin, good, { ann: 'delivered' })

  later(DAY)
  const [first] = await eventually(async () => {
    const found = await digestsIn(demo, 'ann')
    expect(found).toHaveLength(1)
    return found
  })
  expect(first?.subject).toBe('2 mails are held for you')
  expect(first?.text).toContain('1 delivered, 1 with a virus, which can not be released.')
  expect(first?.text).toContain('<script>alert(1)</script>')
  expect(first?.html).toContain('&lt;script&gt;')
  expect(first?.html).not.toContain('<script>')
  expect(first?.html).not.toMatch(/href="[^"]*evil/)
  const header = (key: string) => first?.headers.find((one) => one.key === key)?.value
  expect(header('auto-submitted')).toBe('auto-generated')
  expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click')
  // Nobody else has anything to be told.
  expect(await digestsIn(demo, 'ben')).toEqual([])

  // The link shows and does nothing; a bare POST neither; the button does, twice the same.
  const trust = linkIn(first?.text?.slice(first.text.indexOf('Second')), 'Release and trust')
  const page = await (await fetch(trust)).text()
  expect(page).toContain('Release this mail and trust its sender?')
  expect(page).not.toContain('<script')
  expect((await post(trust, {})).status).toBe(400)
  expect((await post(trust, { press: `${pressOf(page).slice(0, -1)}_` })).status).toBe(400)
  admin = await as(demo, 'admin')
  await comesTo(admin, other, { ann: 'quarantined: spam' })
  const pressed = await (await post(trust, { press: pressOf(page) })).text()
  expect(pressed).toContain('It is in your inbox')
  expect(pressed).toContain('Mail from dan@outside.example will no longer be checked for spam.')
  await comesTo(admin, other, { ann: 'delivered: spam' })
  expect(await (await post(trust, { press: pressOf(page) })).text()).toBe(pressed)
  await comesTo(admin, await send(demo, { from: 'dan@outside.example', to, body: GTUBE }), { ann: 'delivered' })

  // A link is for one mail, one recipient, one act.
  const [body = '', mac = ''] = new URL(trust).pathname.replace('/links/', '').split('.')
  const changed = Buffer.from(Buffer.from(body, 'base64url').toString().replace('ann@', 'ben@')).toString('base64url')
  const forged = trust.replace(`${body}.${mac}`, `${changed}.${mac}`)
  expect((await fetch(forged)).status).toBe(404)
  expect((await post(forged, { press: pressOf(page) })).status).toBe(404)

  // The next digest tells what is new, and not what was told.
  const third = await send(demo, { from: 'eve@outside.example', to, subject: 'Fifth', body: GTUBE })
  await comesTo(admin, third, { ann: 'quarantined: spam' })
  later(DAY)
  const second = await eventually(async () => {
    const found = await digestsIn(demo, 'ann')
    expect(found).toHaveLength(2)
    return found.find((one) => one.messageId !== first?.messageId)
  })
  expect(second?.subject).toBe('1 mail is held for you')
  expect(second?.text).toContain('Fifth')

  // It signs in once.
  const open = linkIn(second?.text?.replace('quarantine:\n', 'quarantine: '), 'Open my quarantine')
  const press = pressOf(await (await fetch(open)).text())
  const signedIn = await post(open, { press })
  expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/'])
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  const session = await fetch(new URL('/api/v1/session', open), { headers: { cookie } })
  expect(await session.json()).toMatchObject({ signedIn: true, address: 'ann@mailkeep.test' })
  expect((await post(open, { press })).status).toBe(409)

  // Too old, or of a key that no longer holds.
  later(2 * DAY)
  expect((await fetch(open)).status).toBe(410)
  admin = await as(demo, 'admin')
  const spamLink = linkIn(second?.text, 'It is spam')
  expect((await fetch(spamLink)).status).toBe(200)
  await done(admin, 'PUT', '/policies/digest', { document: { links: { key: 2, oldestKey: 2 } }, reason: 'new keys' })
  expect((await fetch(spamLink)).status).toBe(404)

  // It is a mail like any other, of the system; the log says which it was.
  const { items } = (await done(admin, 'GET', '/mails?address=ann@mailkeep.test&flow=system')) as {
    items: { id: string; subject: string }[]
  }
  const digest = items.find(({ subject }) => subject === '1 mail is held for you')
  // Ann's archive keeps what she receives, so it keeps this too; before or after it is delivered.
  await expect
    .poll(async () => types(await trace(admin, digest?.id ?? '')).sort())
    .toEqual(['Accepted', 'Archived', 'Cleared', 'Delivered'])
  const events = await demo.foundation.log.readStream('digest-ann@mailkeep.test')
  const closed = events.filter(
    ({ type, data }) => type === 'DigestWindowClosed' && (data as { tells: unknown }).tells !== null,
  )
  expect(closed).toHaveLength(2)

  // One press of the mail program ends them.
  ann = await as(demo, 'ann')
  const sent = await done(ann, 'POST', '/accounts/ann@mailkeep.test/digest/send')
  const now = await eventually(async () => {
    const found = (await digestsIn(demo, 'ann')).find(({ messageId }) => messageId?.includes(String(sent['mail'])))
    expect(found).toBeDefined()
    return found
  })
  const unsubscribe =
    /<([^>]+)>/.exec(now?.headers.find(({ key }) => key === 'list-unsubscribe')?.value ?? '')?.[1] ?? ''
  expect((await post(unsubscribe, { 'List-Unsubscribe': 'One-Click' })).status).toBe(200)
  expect(await done(ann, 'GET', '/accounts/ann@mailkeep.test/digest')).toMatchObject({
    times: [],
    from: 'account',
    nextAt: null,
  })
}, 120_000)
