import { expect, it } from 'vitest'
import { mailStream, type MailEvent } from '#domain/mail/events'
import type { HttpClient } from '#test/dsl/http-client'
import { startDemo, type Demo } from '#test/dsl/mailkeep'
import { as, comesTo, done, eventually, GTUBE, inbox, send, sendRaw } from '#test/dsl/story'
import { idIn, submit } from '#test/dsl/submit'

const SUBMISSION = { MAILKEEP_SUBMISSION_PORT: '0', MAILKEEP_SUBMISSIONS_PORT: '0' }
const ANN = 'ann@mailkeep.test'
const BEN = 'ben@mailkeep.test'

interface Item {
  readonly id: string
  readonly mail: string
  readonly account: string
  readonly role: string
  readonly subject: string | null
}

const itemsOf = async (client: HttpClient, query = ''): Promise<readonly Item[]> =>
  (await done(client, 'GET', `/archive/mails${query}`))['items'] as readonly Item[]
const subjects = async (client: HttpClient): Promise<readonly (string | null)[]> =>
  (await itemsOf(client)).map(({ role, subject }) => `${role}: ${subject}`)
const archived = async ({ foundation }: Demo, id: string): Promise<readonly string[]> =>
  ((await foundation.log.readStream(mailStream(id))) as unknown as MailEvent[]).flatMap((event) =>
    event.type === 'Archived' ? [`${event.data.role} ${event.data.account}`] : [],
  )

it('keeps whatever a subscriber sends and receives, byte for byte, over a restart, each once', async () => {
  let demo = await startDemo(SUBMISSION)
  const admin = await as(demo, 'admin')
  let ann = await as(demo, 'ann')
  expect(await done(admin, 'GET', `/archive/accounts/${ANN}`)).toMatchObject({ subscribed: true, retentionDays: null })
  expect(await done(admin, 'GET', `/archive/accounts/${BEN}`)).toMatchObject({ subscribed: false, copies: 0 })

  // Inbound: held mail is not hers yet.
  const raw = Buffer.from(
    'From: Cara <cara@outside.example>\r\nTo: Ann <ann@mailkeep.test>\r\nSubject: Bytes\r\n\r\n.dots\r\n\r\nand caf\xe9\r\n',
    'latin1',
  )
  const inbound = await sendRaw(demo, { to: [ANN, BEN], raw })
  const held = await send(demo, { from: 'dave@outside.example', to: [ANN], subject: 'Held', body: GTUBE })
  await comesTo(admin, held, { ann: 'quarantined: spam' })

  // Local and outbound: what she submitted, with its Bcc.
  const original = `From: ${ANN}\r\nTo: ${BEN}\r\nBcc: officer@mailkeep.test\r\nSubject: Quietly\r\n\r\nHello\r\n`
  const local = idIn(await submit(demo, { raw: original, envelope: { from: ANN, to: [BEN, 'officer@mailkeep.test'] } }))
  const outbound = idIn(await submit(demo, { to: 'x@remote.test', subject: 'Out' }))
  await eventually(async () => expect(await subjects(ann)).toEqual(['sent: Out', 'sent: Quietly', 'received: Bytes']))
  const [out, quietly, bytes] = await itemsOf(ann)
  const read = async (client: HttpClient, item: Item | undefined) =>
    (await client.ask('GET', `/archive/mails/${item?.id}/content`)).text
  expect(await read(ann, quietly)).toBe(original)
  expect((await done(ann, 'GET', `/archive/mails/${bytes?.id}`))['contentHash']).toBe(
    (await done(admin, 'GET', `/mails/${inbound}`))['contentHash'],
  )
  expect(await read(ann, out)).toMatch(/^Subject: Out\r\n/m)
  expect(await archived(demo, outbound)).toEqual([`sent ${ANN}`])

  // Released, it is.
  await done(ann, 'POST', `/quarantine/${held}/${ANN}/release`, {})
  await eventually(async () => expect(await subjects(ann)).toContain('received: Held'))

  // Ben's archive begins when he is subscribed; what he gets says nothing of the Bcc.
  await done(admin, 'PATCH', `/archive/accounts/${BEN}`, { subscribed: true })
  const ben = await as(demo, 'ben')
  expect(await itemsOf(ben)).toEqual([])
  const again = original.replace('Quietly', 'Again')
  const bcc = idIn(await submit(demo, { raw: again, envelope: { from: ANN, to: [BEN, 'officer@mailkeep.test'] } }))
  await eventually(async () => expect(await subjects(ben)).toEqual(['received: Again']))
  const [got] = await itemsOf(ben)
  const shown = await ben.ask('GET', `/archive/mails/${got?.id}`)
  expect(shown.body).toMatchObject({ mail: bcc, envelope: { recipients: [{ mailbox: BEN }] } })
  expect([shown.text, await read(ben, got)].join()).not.toContain('officer')
  expect((await ben.ask('GET', `/archive/mails/${quietly?.id}`)).status).toBe(404)
  expect((await admin.ask('GET', `/archive/mails/${quietly?.id}`)).status).toBe(404)

  // While the archivist is down it is not forgotten.
  await demo.stop()
  const settings = { ...SUBMISSION, MAILKEEP_DATA: demo.data }
  demo = await startDemo({ ...settings, MAILKEEP_ROLES: 'mx,submission,inspector,courier,projector,api' })
  const late = await send(demo, { to: [ANN], subject: 'Late' })
  await eventually(async () => expect(await inbox(demo, 'ann')).toHaveLength(3))
  expect(await archived(demo, late)).toEqual([])
  await demo.stop()
  demo = await startDemo(settings)
  ann = await as(demo, 'ann')
  const everything = ['sent: Again', 'sent: Out', 'sent: Quietly', 'received: Held', 'received: Bytes']
  await eventually(async () => expect(await subjects(ann)).toEqual(['received: Late', ...everything]))
  for (const [id, copies] of [
    [inbound, [`received ${ANN}`]],
    [held, [`received ${ANN}`]],
    [local, [`sent ${ANN}`]],
    [outbound, [`sent ${ANN}`]],
    [bcc, [`received ${BEN}`, `sent ${ANN}`]],
    [late, [`received ${ANN}`]],
  ] as const)
    expect([...(await archived(demo, id))].toSorted()).toEqual(copies)

  // The officer sees the envelope, says why, and that is on record.
  const officer = await as(demo, 'officer')
  expect((await officer.ask('GET', `/archive/mails/${got?.id}`)).status).toBe(400)
  const why = { 'mailkeep-reason': 'case 17' }
  expect((await officer.ask('GET', `/archive/mails/${got?.id}`, undefined, why)).body).toMatchObject({
    envelope: { recipients: [{ mailbox: BEN }, { mailbox: 'officer@mailkeep.test' }] },
  })
  const { text } = await officer.ask('GET', '/audit/events?type=ArchiveRead')
  expect(text).toContain('"reason":"case 17"')
}, 120_000)
