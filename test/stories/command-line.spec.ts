import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { mailkeep as typed } from '#test/dsl/command-line'
import { engineOfRun, PASSWORD, startDemo } from '#test/dsl/mailkeep'
import { operatorOf, operatorSettings, type Operator } from '#test/dsl/operator'

interface Trace {
  readonly recipients: readonly { readonly address: string; readonly state: string; readonly reason: string | null }[]
  readonly events: readonly { readonly type: string; readonly actor: unknown }[]
}

const settled = async (mailkeep: Operator, mail: string, state: string): Promise<Trace> =>
  vi.waitFor(
    async () => {
      const trace = (await mailkeep(`mail trace ${mail} --json`)).json<Trace>()
      expect(trace.recipients.map((one) => one.state)).toEqual(trace.recipients.map(() => state))
      return trace
    },
    { timeout: 15_000, interval: 50 },
  )

it('an operator submits a mail as a user, with that user’s password', { timeout: 60_000 }, async () => {
  const demo = await startDemo({ MAILKEEP_SUBMISSION_PORT: '0' })
  const mailkeep = operatorOf(demo.data)
  const as = 'send ben@mailkeep.test --as ann --password-stdin'
  const { mail } = (await mailkeep(`${as} --json`, `${PASSWORD}\n`)).json<{ mail: string }>()
  await settled(mailkeep, mail, 'delivered')
  expect(await mailkeep(as, 'not it\n')).toMatchObject({ code: 1, stderr: expect.stringContaining('535 5.7.8') })
  expect(await mailkeep(`${as} --from ben@mailkeep.test`, `${PASSWORD}\n`)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('550 5.7.1'),
  })
})

it('an operator says whose mail is archived', { timeout: 60_000 }, async () => {
  const demo = await startDemo()
  const mailkeep = operatorOf(demo.data)
  expect((await mailkeep('account archive ann@mailkeep.test')).stdout).toMatch(
    /ann@mailkeep\.test sends and receives is archived\./,
  )
  const ben = 'account archive ben@mailkeep.test'
  expect((await mailkeep(ben)).stdout).toMatch(
    /is not archived, as its domain says\.\n0 copies.* kept for ever; 0 holds/,
  )
  expect((await mailkeep('domain archive mailkeep.test on')).stdout).toMatch(/is archived, but of those/)
  expect((await mailkeep(ben)).stdout).toMatch(/is archived, as its domain says\./)
  expect((await mailkeep(`${ben} off --json`)).json()).toMatchObject({
    subscribed: false,
    subscription: { own: false, domain: true },
    changed: true,
  })
  expect((await mailkeep(`${ben} domain --json`)).json()).toMatchObject({ subscribed: true, changed: true })
  expect(await mailkeep('account archive nobody@elsewhere.test on')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is no account nobody@elsewhere.test.'),
  })
  expect((await mailkeep('account archive ben@mailkeep.test perhaps')).code).toBe(2)
})

it('an operator sends a first mail, sees what is held, and releases it', { timeout: 60_000 }, async () => {
  const demo = await startDemo()
  const mailkeep = operatorOf(demo.data)

  const first = (await mailkeep('send --json')).json<{ mail: string; reply: string; to: string[] }>()
  expect(first).toMatchObject({ to: ['ann@mailkeep.test'], reply: `250 2.0.0 Ok: ${first.mail}` })
  await settled(mailkeep, first.mail, 'delivered')
  const said = await mailkeep('send ann@mailkeep.test ben@mailkeep.test --virus')
  expect(said.stdout).toMatch(/says: 250 2\.0\.0 Ok: [0-9A-Z]{26}\n.*mailkeep mail trace [0-9A-Z]{26}/)
  const virus = /Ok: ([0-9A-Z]{26})/.exec(said.stdout)?.[1] ?? ''
  await settled(mailkeep, virus, 'quarantined')
  const spam = (await mailkeep('send ben@mailkeep.test --spam --json')).json<{ mail: string }>().mail
  await settled(mailkeep, spam, 'quarantined')
  expect(await mailkeep('send nobody@mailkeep.test')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('550 5.1.1'),
  })

  type Items = { items: { mail: string; recipient: string; reason: string }[]; next: string | null }
  const held = (await mailkeep('quarantine list --json')).json<Items>()
  expect(held.items.map(({ mail, recipient, reason }) => [mail, recipient, reason])).toEqual([
    [spam, 'ben@mailkeep.test', 'spam'],
    [virus, 'ann@mailkeep.test', 'virus'],
    [virus, 'ben@mailkeep.test', 'virus'],
  ])
  const page = (await mailkeep('quarantine list --json --limit 2')).json<Items>()
  expect(page.next).toBe(`${virus}/ann@mailkeep.test`)
  expect((await mailkeep(`quarantine list --json --after ${page.next ?? ''}`)).json<Items>().items).toMatchObject([
    { mail: virus, recipient: 'ben@mailkeep.test' },
  ])
  expect((await mailkeep('quarantine list --reason spam')).stdout).toMatch(/^MAIL +FOR +WHY/)

  const refused = await mailkeep(`quarantine release ${virus} --recipient ann@mailkeep.test`)
  expect(refused).toMatchObject({ code: 1, stdout: expect.stringMatching(/failed .*needs a reason/) })
  expect((await mailkeep(`quarantine release ${virus} --recipient ann@mailkeep.test --reason test`)).code).toBe(0)
  expect((await mailkeep(`quarantine release ${spam} --trust --json`)).json()).toMatchObject({
    results: [{ recipient: 'ben@mailkeep.test', state: 'released' }],
  })
  const { events } = await settled(mailkeep, spam, 'delivered')
  expect(events.find(({ type }) => type === 'ReleaseRequested')?.actor).toMatchObject({ kind: 'operator' })
  const again = await mailkeep(`quarantine release ${spam}`)
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('not in quarantine for anybody') })
  expect((await mailkeep('queue list')).stdout).toBe('Nothing waits for delivery.\n')
})

it('domains, accounts and policies are there for the very next command', { timeout: 60_000 }, async () => {
  const demo = await startDemo()
  const mailkeep = operatorOf(demo.data)
  expect(await mailkeep('account add ann@example.org --no-password')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Try: mailkeep domain add example.org'),
  })
  expect((await mailkeep('domain add Example.ORG')).stdout).toContain('example.org is hosted now.')
  expect((await mailkeep('domain list')).stdout).toMatch(/^example\.org +0 /m)
  expect((await mailkeep('account add cy@example.org --password-stdin', 'short\n')).code).toBe(2)
  expect((await mailkeep('account add cy@example.org --password-stdin --role admin', `${PASSWORD}\n`)).code).toBe(0)
  expect((await mailkeep('account list --domain example.org')).stdout).toMatch(/^cy@example\.org .*user, admin .*set$/m)
  const signIn = await fetch(`http://127.0.0.1:${demo.port('http')}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ address: 'cy@example.org', password: PASSWORD }),
  })
  expect(await signIn.json()).toMatchObject({ address: 'cy@example.org', roles: ['user', 'admin'] })

  // The demo has an officer: another one, and the officer's password, take a second person.
  for (const [line, stdin] of [
    ['account add olaf@example.org --role compliance --no-password --json', ''],
    ['account passwd officer@mailkeep.test --password-stdin --json', 'another-password\n'],
  ] as const)
    expect((await mailkeep(line, stdin)).json()).toMatchObject({ approvals: [{ state: 'waiting' }] })
  const forward = 'account forward ann@mailkeep.test'
  expect((await mailkeep(`${forward} --to ben@mailkeep.test --to Ann@outside.example --no-copy`)).stdout).toBe(
    'Mail for ann@mailkeep.test goes on to ben@mailkeep.test, Ann@outside.example; no copy stays.\n',
  )
  expect(await mailkeep(`${forward} --to nobody@mailkeep.test`)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no nobody@mailkeep.test'),
  })
  expect((await mailkeep(`${forward} --no-copy`)).code).toBe(2)
  expect((await mailkeep(`${forward} --json`)).json()).toMatchObject({ forwarding: { keepCopy: false } })
  expect((await mailkeep(`${forward} --off`)).stdout).toBe('Mail for ann@mailkeep.test stays in its mailbox.\n')
  expect((await mailkeep('account list')).stdout).toMatch(/^olaf@example\.org .* user +-/m)

  expect((await mailkeep('policy set inspection threshold=6.5 scan.giveUpAfter=3600000')).code).toBe(0)
  const shown = (await mailkeep('policy show inspection')).stdout
  expect(shown).toContain('# policy inspection, version 1\n# not the default: threshold, scan.giveUpAfter\n')
  await writeFile(join(demo.data, 'inspection.yaml'), shown.replace('threshold: 6.5', 'threshold: 7'))
  expect((await mailkeep('policy set inspection --file inspection.yaml')).stdout).toContain('has version 2')
  const wrong = await mailkeep('policy set inspection treshold=1')
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('treshold') })

  await writeFile(join(demo.data, 'mail.eml'), 'From: a@b.test\r\nSubject: Hello\r\n\r\nHello.\r\n')
  expect((await mailkeep('classify mail.eml --json')).json()).toMatchObject({
    disposition: 'deliver',
    threshold: 7,
    policyVersion: 2,
    scan: { outcome: 'clean' },
  })
})

it('the first officer there ever was is made at the machine, every later one by two people', async () => {
  const { data } = await startDemo({ MAILKEEP_DOMAIN: 'first.test' })
  const mailkeep = operatorOf(data)
  const add = async (name: string) =>
    (await mailkeep(`account add ${name}@first.test --role compliance --no-password --json`)).json()
  expect(await add('olga')).toMatchObject({ roles: ['user', 'compliance'], approvals: [] })
  // There is but one administrator: it takes effect by itself after a day.
  expect(await add('otto')).toMatchObject({
    roles: ['user'],
    approvals: [{ state: 'waiting', dueAt: expect.any(String) }],
  })
})

// Each of its dozen commands opens and closes the whole data.
it('without a server it opens the data itself, and what it finds is the same', { timeout: 120_000 }, async () => {
  const demo = await startDemo()
  const mailkeep = operatorOf(demo.data)
  const spam = (await mailkeep('send --spam --json')).json<{ mail: string }>().mail
  await settled(mailkeep, spam, 'quarantined')
  const running = (await mailkeep('account list --json')).stdout
  const doctor = (await mailkeep('doctor --json')).json<{
    healthy: boolean
    items: { about: string; state: string }[]
  }>()
  expect(doctor.items.filter(({ state }) => state === 'problem')).toEqual([])

  // A server that is there but can't be reached is named, not fought with.
  await rm(join(demo.data, 'operator.sock'))
  const unreachable = await mailkeep('domain list')
  expect(unreachable.code).toBe(1)
  expect(unreachable.stderr).toMatch(new RegExp(`in use by process ${process.pid}, which does not answer`))
  await demo.stop()

  // What a killed server leaves behind stops nobody.
  await writeFile(join(demo.data, 'operator.sock'), '')
  expect((await mailkeep('account list --json')).stdout).toBe(running)
  expect((await mailkeep(`quarantine release ${spam} --json`)).json()).toMatchObject({
    results: [{ state: 'releasing', detail: expect.stringContaining('when the server runs') }],
  })
  expect((await mailkeep('projection rebuild quarantine mail-trace --json')).json()).toMatchObject({
    results: [
      { view: 'quarantine', problem: null },
      { view: 'mail-trace', problem: null },
    ],
  })
  const terminal = await typed(['projection', 'rebuild', 'directory'], {
    env: { ...operatorSettings(demo.data), ...(await engineOfRun(demo.data)) },
    cwd: demo.data,
    terminal: 100,
  })
  expect(terminal).toMatchObject({ code: 0, stdout: expect.stringContaining('✓ rebuilt') })
  expect(terminal.stderr).toMatch(/directory [█░]+ \d+%/)
  const verified = (await mailkeep('projection verify --json')).json<{ results: { same: boolean }[] }>()
  expect(verified.results.every(({ same }) => same)).toBe(true)
  expect((await mailkeep('doctor')).stdout).toMatch(/warning +server +It does not run/)
  expect((await mailkeep('reaction replay')).stdout).toBe('Nothing was set aside.\n')

  const log = (await mailkeep('log verify --json')).json<{ intact: boolean; events: number }>()
  expect(log).toMatchObject({ intact: true, problems: [] })
  expect((await mailkeep('log export -o events.ndjson')).code).toBe(0)
  const exported = (await readFile(join(demo.data, 'events.ndjson'), 'utf8')).trimEnd().split('\n')
  expect(exported).toHaveLength(log.events)
  expect((await mailkeep('log export -o events.ndjson')).stderr).toContain('not overwritten')

  const restarted = await startDemo({ MAILKEEP_DATA: demo.data })
  expect(restarted.data).toBe(demo.data)
  await settled(mailkeep, spam, 'delivered')
})

it('a damaged log is named, and nothing repairs it', async () => {
  const demo = await startDemo({ MAILKEEP_LOG_ENGINE: 'sqlite' })
  await demo.stop()
  const path = join(demo.data, 'log', 'events.db')
  const bytes = await readFile(path)
  bytes.fill(0xa5, 8_192, bytes.length)
  await writeFile(path, bytes)
  const verified = await typed(['log', 'verify'], { env: operatorSettings(demo.data), cwd: demo.data })
  expect(verified.code).toBe(1)
  expect(verified.stdout).toContain('The log is not intact')
  expect(Buffer.compare(await readFile(path), bytes)).toBe(0)
})

const MAIN = join(import.meta.dirname, '../../dist/apps/cli/main.js')

it.runIf(existsSync(MAIN))(
  'the built command ends with its exit code, also into a closed pipe',
  { timeout: 60_000 },
  async () => {
    const ended = (args: readonly string[], close = false) =>
      new Promise<number | null>((resolve, reject) => {
        const child = spawn(process.execPath, [MAIN, ...args], {
          env: { ...process.env, MAILKEEP_DATA: '/nonexistent/mailkeep', NODE_OPTIONS: '' },
          stdio: ['ignore', 'pipe', 'ignore'],
        })
        if (close) child.stdout.destroy()
        else child.stdout.resume()
        child.once('error', reject)
        child.once('close', resolve)
      })
    expect(await ended(['--version'])).toBe(0)
    expect(await ended(['domain', 'list'])).toBe(1)
    expect(await ended(['nonsense'])).toBe(2)
    expect(await ended(['config', 'show'], true)).toBe(0)
  },
)
