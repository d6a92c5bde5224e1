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
  await page.waitForSelector('#sign-in-problem:not(:empty)')
  // the browser itself reports the refused sign-in
  expect(problems.filter((problem) => !problem.includes('401'))).toEqual([])
  await fill(page, SERVER_PASSWORD)
  await page.waitForSelector('.item >> nth=1')
  expect((await page.locator('.item .subject').allTextContents()).toSorted()).toEqual(['An offer', 'Another offer'])
  expect(await page.textContent('#summary')).toBe('2 mails are held for you.')

  const item = page.locator('.item', { has: page.locator('.subject', { hasText: 'An offer' }) })
  await item.locator('.release').click()
  await page.waitForSelector('.item.released')
  expect(await item.locator('.result').textContent()).toBe('It is on its way to your inbox.')
  await eventually(async () => expect(await subjects(server, 'ben')).toEqual(['An offer']))
  expect(await eventsOf(admin, offer, 'Released')).toMatchObject([{ data: { by: BEN, scanner: { name: 'clamd' } } }])

  // With the scanner away it waits, says so, and arrives when the scanner is back.
  await clamd.kill()
  const other = page.locator('.item', { has: page.locator('.subject', { hasText: 'Another offer' }) })
  await other.locator('.trust').click()
  await page.waitForSelector('.item.waiting .result:not(:empty)')
  expect(await other.locator('.result').textContent()).toContain('It is scanned once more')
  expect(await subjects(server, 'ben')).toEqual(['An offer'])
  await clamd.restart()
  await eventually(async () => expect(await subjects(server, 'ben')).toEqual(['An offer', 'Another offer']))
  await eventually(async () =>
    expect((await admin.ask('GET', `/accounts/${BEN}/allow-list`)).body['items']).toMatchObject([{ entry: from }]),
  )
  expect(await outcomes(admin, second)).toMatchObject({ ann: 'quarantined: spam' })

  await page.reload()
  await page.waitForSelector('#quarantine:not([hidden])')
  expect(await page.locator('.item').count()).toBe(0)
  await page.click('#sign-out')
  await page.waitForSelector('#sign-in:not([hidden])')
  expect(problems.filter((problem) => !problem.includes('401'))).toEqual([])
  expect(await server.stop()).toBe(0)
})
