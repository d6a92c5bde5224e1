import { expect, it } from 'vitest'
import { mailStream } from '#domain/mail/events'
import { mailkeep as typed } from '#test/dsl/command-line'
import { engineOfRun, PASSWORD, startDemo, type Demo } from '#test/dsl/mailkeep'
import { as, eventually } from '#test/dsl/story'
import { idIn, submit } from '#test/dsl/submit'

const ANN = 'ann@mailkeep.test'
const ACCOUNT = `/accounts/${ANN}`
const SUBMISSION = {
  MAILKEEP_SUBMISSION_PORT: '0',
  MAILKEEP_SUBMISSIONS_PORT: '0',
  MAILKEEP_DNS_SERVERS: '127.0.0.1:9',
}

const sent = (demo: Demo, password: string, to = 'ben@mailkeep.test'): Promise<string> =>
  submit(demo, { to }, { password })

const types = async ({ foundation }: Demo, id: string): Promise<readonly string[]> =>
  (await foundation.log.readStream(mailStream(id))).map(({ type }) => type)

it('a device sends with a password of its own until it is revoked', async () => {
  const demo = await startDemo(SUBMISSION)
  const ann = await as(demo, 'ann')
  const made = await ann.ask('POST', `${ACCOUNT}/app-passwords`, { name: 'Phone' })
  const { id, password } = made.body as { id: string; password: string }
  expect(await sent(demo, password)).toMatch(/^250 2\.0\.0 Ok:/)
  expect((await ann.ask('DELETE', `${ACCOUNT}/app-passwords/${id}`)).status).toBe(204)
  expect(await sent(demo, password)).toMatch(/^535 5\.7\.8/)
})

it.each(['release', 'bounce'] as const)(
  'who is suspended sends nothing more, what waits is held, and lifting it says: %s',
  async (held) => {
    const demo = await startDemo(SUBMISSION)
    const [ann, admin] = [await as(demo, 'ann'), await as(demo, 'admin')]
    const id = idIn(await sent(demo, PASSWORD, 'x@remote.test'))
    const suspended = await admin.ask('PATCH', ACCOUNT, { suspended: true, reason: 'sends spam' })
    expect(suspended.body).toMatchObject({ suspended: true })
    expect((await ann.ask('GET', '/quarantine')).status).toBe(401)
    expect(await sent(demo, PASSWORD)).toMatch(/^535 5\.7\.8/)
    await eventually(async () => expect(await types(demo, id)).toContain('DeliveryHeld'))
    await eventually(async () => expect((await admin.ask('PATCH', ACCOUNT, { suspended: false })).status).toBe(400))
    expect((await admin.ask('PATCH', ACCOUNT, { suspended: false, held })).body).toMatchObject({ suspended: false })
    const outcome = held === 'release' ? 'DeliveryUnheld' : 'Bounced'
    await eventually(async () => expect(await types(demo, id)).toContain(outcome))
    expect(await sent(demo, PASSWORD)).toMatch(/^250 2\.0\.0 Ok:/)
  },
)

it('an operator does the same at the terminal', async () => {
  const demo = await startDemo(SUBMISSION)
  const env = { MAILKEEP_DATA: demo.data, MAILKEEP_HTTP_PORT: '0', ...(await engineOfRun(demo.data)) }
  const mailkeep = (line: string) => typed(line.split(' '), { env, cwd: demo.data })
  const made = (await mailkeep(`account app-password add ${ANN} --name Phone --json`)).json<{
    id: string
    password: string
  }>()
  expect(await sent(demo, made.password)).toMatch(/^250 2\.0\.0 Ok:/)
  expect((await mailkeep(`account app-password list ${ANN}`)).stdout).toContain(made.id)
  expect((await mailkeep(`account suspend ${ANN} --reason spam`)).code).toBe(0)
  expect(await sent(demo, made.password)).toMatch(/^535 5\.7\.8/)
  expect((await mailkeep(`account reinstate ${ANN}`)).code).toBe(0)
  expect((await mailkeep(`account app-password revoke ${ANN} ${made.id}`)).stdout).toContain('is revoked')
  expect(await sent(demo, made.password)).toMatch(/^535 5\.7\.8/)
  expect((await mailkeep('account suspend officer@mailkeep.test --reason spam')).code).toBe(1)
})
