import { expect, it } from 'vitest'
import type { MailEvent } from '#domain/mail/events'
import { PASSWORD, startDemo, type Demo } from '#test/dsl/mailkeep'
import { operatorOf } from '#test/dsl/operator'
import { as, eventually } from '#test/dsl/story'

const ANN = 'ann@mailkeep.test'
const SEND = 'send ben@mailkeep.test --as ann --password-stdin'

/** To whom notices about ann went. */
const notices = async ({ foundation }: Demo): Promise<readonly string[]> => {
  const { events } = await foundation.log.readAll(null, { types: ['Accepted'] }, 1_000)
  return (events as unknown as Extract<MailEvent, { type: 'Accepted' }>[])
    .filter(({ data }) => data.flow === 'system' && data.subject === `${ANN} is over the daily quota`)
    .map(({ data }) => data.recipients.map(({ mailbox }) => mailbox).join())
}

it(
  'a user over the quota is refused till midnight, the administrator has one notice, and can raise it',
  {
    timeout: 90_000,
  },
  async () => {
    // 2026-03-29T20:00Z: a day of 23 hours in Vienna.
    let now = 1_774_814_400_000
    const demo = await startDemo({ MAILKEEP_SUBMISSION_PORT: '0' }, { clock: () => now })
    const operator = operatorOf(demo.data)
    const mailkeep = (line: string) => operator(line, `${PASSWORD}\n`)
    const admin = await as(demo, 'admin')
    const quota = { mailsPerDay: 2, recipientsPerDay: 100 }
    await admin.ask('PATCH', `/accounts/${ANN}`, { quota, timeZone: 'Europe/Vienna' })

    expect((await mailkeep('usage list')).stdout).toContain('Nobody has sent')
    for (const _ of [1, 2]) expect(await mailkeep(SEND)).toMatchObject({ code: 0 })
    for (const _ of [3, 4]) {
      const refused = await mailkeep(SEND)
      expect(refused.stderr).toMatch(/550 5\.7\.0 .*2 mails/)
      expect(refused.stderr).toContain('again from 2026-03-29 22:00 UTC')
    }
    await eventually(async () => expect(await notices(demo)).toEqual(['admin@mailkeep.test']))
    expect((await mailkeep(`usage show ${ANN} --json`)).json()).toMatchObject({
      day: '2026-03-29',
      resetsAt: '2026-03-29T22:00:00.000Z',
      mails: { used: 2, quota: 2 },
    })

    expect(await mailkeep(`usage raise ${ANN} --mails 1`)).toMatchObject({ code: 2 })
    expect(await mailkeep(`usage raise ${ANN}`)).toMatchObject({ code: 2 })
    expect((await mailkeep(`usage raise ${ANN} --mails 3`)).stdout).toContain(
      'may send 3 mails to 100 recipients today',
    )
    expect(await mailkeep(SEND)).toMatchObject({ code: 0 })
    expect((await mailkeep(SEND)).stderr).toMatch(/550 5\.7\.0 .*3 mails/)
    expect((await mailkeep('usage list --json')).json()).toMatchObject({
      items: [{ address: ANN, mails: { used: 3, quota: 3 }, exceededAt: '2026-03-29T20:00:00.000Z' }],
    })

    now += 2 * 3_600_000
    expect(await mailkeep(SEND)).toMatchObject({ code: 0 })
    expect((await admin.ask('GET', `/usage/${ANN}`)).body).toMatchObject({
      mails: { used: 1, quota: 2, raised: false },
    })
    expect(await notices(demo)).toHaveLength(1)
  },
)
