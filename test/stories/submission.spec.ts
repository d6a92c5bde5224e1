import { expect, it } from 'vitest'
import type { MailEvent } from '#domain/mail/events'
import { mailStream } from '#domain/mail/events'
import { sharedDemo, startDemo, type Demo } from '#test/dsl/mailkeep'
import { as, EICAR, eventually, inbox } from '#test/dsl/story'
import { idIn, submit } from '#test/dsl/submit'

const SUBMISSION = { MAILKEEP_SUBMISSION_PORT: '0', MAILKEEP_SUBMISSIONS_PORT: '0' }
const shared = sharedDemo(SUBMISSION)
const ANN = 'ann@mailkeep.test'
const BEN = 'ben@mailkeep.test'

const told = async ({ foundation }: Demo, id: string): Promise<readonly MailEvent[]> =>
  (await foundation.log.readStream(mailStream(id))) as unknown as readonly MailEvent[]

/** The copy of a mail in a mailbox, as soon as it is there. */
const copyOf = (demo: Demo, id: string, local: string): Promise<string> =>
  eventually(async () => {
    const copies = (await inbox(demo, local)).filter((mail) => mail.includes(id))
    expect(copies).toHaveLength(1)
    return copies[0] ?? ''
  })

const acceptedMails = async ({ foundation }: Demo): Promise<number> =>
  (await foundation.log.readAll(null, { types: ['Accepted'] }, 1_000)).events.length

it.each(['submission', 'submissions'] as const)(
  'what ann sends ben over %s is in his mailbox, and no spam check ever ran',
  async (listener) => {
    const { demo } = shared
    const id = idIn(await submit(demo, { bcc: 'officer@mailkeep.test' }, { listener }))
    const mail = await copyOf(demo, id, 'ben')
    expect(mail).toMatch(/^Return-Path: <ann@mailkeep\.test>/m)
    expect(mail).toMatch(new RegExp(`with ESMTPSA id ${id}`))
    expect(mail).not.toMatch(/^(Bcc|X-Spam-Status):/im)
    await copyOf(demo, id, 'officer')
    const types = (await told(demo, id)).map(({ type }) => type)
    expect(types.filter((type) => type !== 'Delivered' && type !== 'Archived')).toEqual([
      'Accepted',
      'ScanCleared',
      'Cleared',
      'Cleared',
    ])
    const trace = await (await as(demo, 'ann')).ask('GET', `/mails/${id}`)
    expect(trace.body).toMatchObject({ flow: 'submission', reversePath: ANN, subject: 'Lunch' })
  },
)

it('nobody sends as somebody else, neither in MAIL FROM nor in From', async () => {
  const { demo } = shared
  const before = await acceptedMails(demo)
  expect(await submit(demo, { envelope: { from: BEN, to: BEN } })).toMatch(/^550 5\.7\.1 .*ben@mailkeep\.test/)
  expect(await submit(demo, { from: `Ben <${BEN}>`, envelope: { from: ANN, to: BEN } })).toMatch(
    /^550 5\.7\.1 .*ben@mailkeep\.test/,
  )
  expect(await submit(demo, { sender: BEN, envelope: { from: ANN, to: BEN } })).toMatch(/^550 5\.7\.1/)
  expect(await submit(demo, { from: 'ann+list@mailkeep.test' })).toMatch(/^250 2\.0\.0 Ok:/)
  expect(await acceptedMails(demo)).toBe(before + 1)
})

it('a virus is refused with its name, and nothing is queued', async () => {
  const { demo } = shared
  const before = await acceptedMails(demo)
  expect(await submit(demo, { text: EICAR })).toMatch(/^554 5\.7\.1 .*EICAR/i)
  expect(await acceptedMails(demo)).toBe(before)
})

it('while no scanner answers nothing is taken', async () => {
  const demo = await startDemo({
    ...SUBMISSION,
    MAILKEEP_ANTIVIRUS_ENGINE: 'clamd',
    MAILKEEP_CLAMD_ADDRESS: '127.0.0.1:1',
  })
  expect(await submit(demo, {})).toMatch(/^451 4\.3\.0 No virus scanner/)
  expect(await acceptedMails(demo)).toBe(0)
})

it('ann reads what she submitted, with its Bcc; who got it reads what went out', async () => {
  const { demo } = shared
  const raw = `From: ${ANN}\r\nTo: ${BEN}\r\nBcc: officer@mailkeep.test\r\nSubject: Quietly\r\n\r\nHello\r\n`
  const id = idIn(await submit(demo, { raw, envelope: { from: ANN, to: [BEN, 'officer@mailkeep.test'] } }))
  const mail = await copyOf(demo, id, 'ben')
  const read = async (local: string): Promise<string> =>
    (await (await as(demo, local)).ask('GET', `/mails/${id}/content`)).text
  expect(await read('ann')).toBe(raw)
  const got = await read('ben')
  expect(got).not.toMatch(/officer/)
  expect(got).toMatch(/^Date: .*\r\nMessage-ID: <.*>\r\nFrom: /)
  expect(mail.endsWith(got)).toBe(true)
})

it('where policy says so, a From that is another’s is written anew or only recorded', async () => {
  const { demo } = shared
  const root = await as(demo, 'admin')
  const printer = { from: 'Printer <scan@printer.test>', envelope: { from: ANN, to: BEN } }
  const spoofing = (policy: string) => root.ask('PATCH', '/domains/mailkeep.test', { spoofing: policy })
  expect(await submit(demo, printer)).toMatch(/^550 5\.7\.1/)
  await spoofing('rewrite')
  const rewritten = idIn(await submit(demo, printer))
  await spoofing('record')
  const recorded = idIn(await submit(demo, printer))
  await spoofing('reject')
  const first = await copyOf(demo, rewritten, 'ben')
  expect(first).toMatch(/^From: "Ann" <ann@mailkeep\.test>\r\nReply-To: Printer <scan@printer\.test>\r\n/m)
  expect(await copyOf(demo, recorded, 'ben')).toMatch(/^From: Printer <scan@printer\.test>\r\n/m)
  for (const id of [rewritten, recorded])
    expect((await told(demo, id))[0]?.data).toMatchObject({ checks: [{ check: 'spoofing', result: 'fail' }] })
})

it('a group takes the mail to its members here, and outside in its name', async () => {
  const { demo } = shared
  await demo.foundation.commands.hostedDomain(
    'mailkeep.test',
    { kind: 'define-group', address: 'team@mailkeep.test', displayName: 'Team', members: [BEN, 'cara@outside.test'] },
    { actor: { kind: 'operator', name: 'story' }, now: Date.now(), commandId: 'team', correlationId: 'team' },
  )
  const id = idIn(await submit(demo, { to: 'team@mailkeep.test' }))
  await copyOf(demo, id, 'ben')
  expect((await told(demo, id))[0]?.data).toMatchObject({
    recipients: [
      { address: 'team@mailkeep.test', mailbox: BEN, route: 'mailbox' },
      { mailbox: 'cara@outside.test', route: 'relay', forwardedBy: 'team@mailkeep.test' },
    ],
  })
})

it('a wrong password and an unknown user get the same words', async () => {
  const { demo } = shared
  const wrong = await submit(demo, {}, { password: 'not it at all' })
  expect(wrong).toMatch(/^535 5\.7\.8/)
  expect(await submit(demo, {}, { user: 'nobody@mailkeep.test' })).toBe(wrong)
})

it('who is over the daily quota is told which and until when; others go on', async () => {
  const { demo } = shared
  const root = await as(demo, 'admin')
  // Nobody's story but this one's.
  const from = 'officer@mailkeep.test'
  await root.ask('PATCH', `/accounts/${from}`, { quota: { mailsPerDay: 2, recipientsPerDay: 100 } })
  expect(await submit(demo, { from }, { user: from })).toMatch(/^250/)
  expect(await submit(demo, { from }, { user: from })).toMatch(/^250/)
  expect(await submit(demo, { from }, { user: from })).toMatch(/^550 5\.7\.0 .*2 mails/)
  expect(await submit(demo, { from: BEN, to: ANN }, { user: BEN })).toMatch(/^250/)
})

it('one submission goes to a mailbox here and into the queue for the world', async () => {
  const { demo } = shared
  const id = idIn(await submit(demo, { to: [BEN, 'X.Y@remote.test'] }))
  await copyOf(demo, id, 'ben')
  const [accepted] = await told(demo, id)
  expect(accepted?.data).toMatchObject({
    recipients: [
      { mailbox: BEN, route: 'mailbox' },
      { mailbox: 'X.Y@remote.test', route: 'relay' },
    ],
  })
  expect(await submit(demo, { to: 'nobody@mailkeep.test' })).toMatch(/^550 5\.1\.1/)
})
