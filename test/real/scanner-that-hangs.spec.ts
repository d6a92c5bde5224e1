import { expect, it, onTestFinished } from 'vitest'
import { signIn } from '#test/dsl/http-client'
import { SERVER_PASSWORD, startServer } from '#test/dsl/server'
import { temporaryFolder } from '#test/dsl/temporary'
import { startClamd } from './clamd.ts'
import { eventsOf, eventually, outcomes, setPolicy, subjects } from './observations.ts'
import { swaks } from './swaks.ts'

it('waits for a clamd that takes connections and never answers, and goes on when it does', async () => {
  const clamd = await startClamd()
  onTestFinished(() => clamd.stop())
  const server = await startServer(await temporaryFolder(), {
    MAILKEEP_ANTIVIRUS_ENGINE: 'clamd',
    MAILKEEP_CLAMD_ADDRESS: clamd.address,
  })
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  await setPolicy(admin, 'inspection', { scan: { retryDelays: [1_000] } })

  clamd.suspend()
  const numbered = Array.from({ length: 10 }, (_, index) => `Mail ${index}`)
  const mails: string[] = []
  for (const subject of numbered)
    mails.push(await swaks(server.mx, { from: 'cara@outside.example', to: ['ann@mailkeep.test'], subject }))
  const [first = ''] = mails
  await eventually(async () => {
    const [deferred] = await eventsOf(admin, first, 'ScanDeferred')
    expect(deferred?.data['reason']).toContain('no answer within')
  }, 90_000)
  expect(await outcomes(admin, first)).toEqual({ ann: 'pending' })
  expect(await subjects(server, 'ann')).toEqual([])

  clamd.resume()
  await eventually(async () => {
    expect(await subjects(server, 'ann')).toEqual(numbered)
  }, 90_000)
  expect(await server.stop()).toBe(0)
})
