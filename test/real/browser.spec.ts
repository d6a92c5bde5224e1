import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { chromium, type Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { signIn } from '#test/dsl/http-client'
import { SERVER_PASSWORD, startServer } from '#test/dsl/server'
import { temporaryFolder } from '#test/dsl/temporary'
import { startClamd } from './clamd.ts'
import { install } from './daemon.ts'
import { eventsOf, eventually, outcomes, setPolicy, subjects } from './observations.ts'
import { swaks } from './swaks.ts'

const BEN = 'ben@mailkeep.test'
const GTUBE = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'

/** A page in a real browser; `problems` are what its console complained about. */
const openPage = async (url: string): Promise<{ page: Page; problems: readonly string[] }> => {
  install('chromium')
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true })
  onTestFinished(() => browser.close())
  const page = await browser.newPage({ viewport: { width: 390, height: 780 } })
  page.setDefaultTimeout(20_000)
  const problems: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(String(error)))
  await page.goto(url)
  return { page, problems }
}

const fill = async (page: Page, password: string): Promise<void> => {
  await page.fill('#address', BEN)
  await page.fill('#password', password)
  await page.click('#sign-in button[type=submit]')
}

it('lets ben see in a browser what is held for him, and have it', async () => {
  const clamd = await startClamd()
  onTestFinished(() => clamd.stop())
  const server = await startServer(await temporaryFolder(), {
    MAILKEEP_ANTIVIRUS_ENGINE: 'clamd',
    MAILKEEP_CLAMD_ADDRESS: clamd.address,
  })
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  await setPolicy(admin, 'inspection', { scan: { retryDelays: [1_000] } })
  const from = 'cara@outside.example'
  const offer = await swaks(server.mx, { from, to: [BEN], subject: 'An offer', body: GTUBE })
  const second = await swaks(server.mx, { from, to: [BEN, 'ann@mailkeep.test'], subject: 'Another offer', body: GTUBE })
  for (const id of [offer, second])
    await eventually(async () => expect(await outcomes(admin, id)).toMatchObject({ ben: 'quarantined: spam' }))

  const { page, problems } = await openPage(`http://127.0.0.1:${server.http}/`)
  await fill(page, 'not the password')
  await page.waitForSelector('#sign-in [role=alert]')
  // the browser itself reports the refused sign-in
  expect(problems.filter((problem) => !problem.includes('401'))).toEqual([])
  await fill(page, SERVER_PASSWORD)
  await page.waitForSelector('.item >> nth=1')
  const row = (subject: string) => page.locator('.item', { has: page.getByText(subject, { exact: true }) })
  expect(await page.locator('.item').count()).toBe(2)
  const notice = (text: string) => page.locator('.notice', { hasText: text }).first().waitFor()

  await row('An offer').getByRole('button', { name: 'Release', exact: true }).click()
  await notice('It is in your inbox.')
  await eventually(async () => expect(await subjects(server, 'ben')).toEqual(['An offer']))
  expect(await eventsOf(admin, offer, 'Released')).toMatchObject([{ data: { by: BEN, scanner: { name: 'clamd' } } }])

  // With the scanner away it waits, says so, and arrives when the scanner is back.
  await clamd.kill()
  await row('Another offer').getByRole('button', { name: 'Release and trust' }).click()
  await notice('It is scanned again')
  expect(await subjects(server, 'ben')).toEqual(['An offer'])
  await clamd.restart()
  await eventually(async () => expect(await subjects(server, 'ben')).toEqual(['An offer', 'Another offer']))
  await eventually(async () =>
    expect((await admin.ask('GET', `/accounts/${BEN}/allow-list`)).body['items']).toMatchObject([{ entry: from }]),
  )
  expect(await outcomes(admin, second)).toMatchObject({ ann: 'quarantined: spam' })

  await page.reload()
  await page.getByText('Nothing is held for you.').waitFor()
  expect(await page.locator('.item').count()).toBe(0)
  await page.getByRole('link', { name: 'Allow and block' }).click()
  await page.getByText(from, { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForSelector('#sign-in')
  expect(problems.filter((problem) => !problem.includes('401'))).toEqual([])
  expect(await server.stop()).toBe(0)
})

it('shows hostile mail as text: no script runs, nothing is fetched, on a phone and to an administrator', async () => {
  const server = await startServer(await temporaryFolder())
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  const trapped: string[] = []
  const trap = createServer((request, response) => {
    trapped.push(request.url ?? '')
    response.end()
  })
  await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void trap.close())
  const { port } = trap.address() as AddressInfo
  const markup = `<img src=http://127.0.0.1:${port}/x onerror="document.title='owned'"><script>document.title='owned'</script>`
  const id = await swaks(server.mx, {
    from: 'eve@outside.example',
    to: [BEN],
    subject: markup,
    body: `${GTUBE} ${markup}`,
  })
  await eventually(async () => expect(await outcomes(admin, id)).toMatchObject({ ben: 'quarantined: spam' }))

  const { page, problems } = await openPage(`http://127.0.0.1:${server.http}/`)
  await fill(page, SERVER_PASSWORD)
  await page.waitForSelector('.item')
  expect(await page.textContent('.item')).toContain('<script>')
  await page.getByRole('button', { name: 'Preview' }).click()
  await page.locator('.preview', { hasText: 'onerror' }).waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForSelector('#sign-in')
  await page.fill('#address', 'admin@mailkeep.test')
  await page.fill('#password', SERVER_PASSWORD)
  await page.click('#sign-in button[type=submit]')
  await page.getByRole('link', { name: 'Find a mail' }).click()
  await page.getByRole('searchbox').fill('eve@outside.example')
  await page.locator('.row a').first().click()
  await page.getByRole('heading', { name: 'What happened' }).waitFor()
  expect(await page.title()).toBe('Mailkeep')
  expect(trapped).toEqual([])
  expect(problems).toEqual([])
  expect(await server.stop()).toBe(0)
})

it('is used by people who can not see it, or use a keyboard only: axe finds nothing serious on any page', async () => {
  const server = await startServer(await temporaryFolder())
  const { page } = await openPage(`http://127.0.0.1:${server.http}/`)
  await page.fill('#address', 'admin@mailkeep.test')
  await page.fill('#password', SERVER_PASSWORD)
  await page.keyboard.press('Enter')
  await page.waitForSelector('.rail')
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  const paths = [
    '/',
    '/lists',
    '/digest',
    '/devices',
    '/find',
    '/queue',
    '/refusals',
    '/accounts',
    '/domains',
    '/policies',
    '/system',
  ]
  const found: string[] = []
  for (const scheme of ['light', 'dark'] as const)
    for (const path of paths) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
      await page.goto(`http://127.0.0.1:${server.http}${path}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.waitForLoadState('networkidle')
      const violations = (await page.evaluate(`(() => { ${axe}; return axe.run() })()`)) as {
        violations: { id: string; impact: string; nodes: { html: string }[] }[]
      }
      for (const { id, impact, nodes } of violations.violations)
        if (impact === 'serious' || impact === 'critical') found.push(`${scheme} ${path} ${id}: ${nodes[0]?.html}`)
    }
  expect(found).toEqual([])
  expect(await server.stop()).toBe(0)
})
