import { expect, it } from 'vitest'
import { clamdDouble } from '#test/contract/antivirus/clamd-double'
import { signIn } from '#test/dsl/http-client'
import { SERVER_PASSWORD, startServer } from '#test/dsl/server'
import { temporaryFolder } from '#test/dsl/temporary'
import {
  alarmsIn,
  mailIdIn,
  outcomesOf,
  plainMail,
  recipientsOf,
  sendMail,
  setPolicy,
  subjectsIn,
  until,
} from './observing.ts'

it('turns mail away while too much waits for the virus scanner, and catches up by itself when that is back', async () => {
  const away = await clamdDouble()
  const { address } = away
  away.behave('close')
  const folder = await temporaryFolder()
  const settings = { MAILKEEP_ANTIVIRUS_ENGINE: 'clamd', MAILKEEP_CLAMD_ADDRESS: address }
  const server = await startServer(folder, settings)
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  await setPolicy(admin, 'edge', { limits: { backlog: 5 } })
  await setPolicy(admin, 'inspection', { scan: { retryDelays: [1_000] } })

  const accepted: string[] = []
  const refused = await until('a refusal', async () => {
    const reply = await sendMail(server.mx, ['ann@mailkeep.test'], plainMail(`mail-${accepted.length}`))
    const id = mailIdIn(reply)
    if (id !== null) accepted.push(id)
    return id === null ? reply : null
  })
  expect(refused).toMatch(/^451 4\.3\.2 /)
  expect(accepted.length).toBeGreaterThanOrEqual(5)
  await until('the alarm', async () =>
    (await alarmsIn(admin, 'raised')).some((alarm) => alarm.startsWith('scanner-away ')),
  )
  for (const id of accepted) expect((await recipientsOf(admin, id)).map(({ state }) => state)).toEqual(['pending'])
  expect(await subjectsIn(server, 'ann@mailkeep.test')).toEqual([])

  // Not even a restart lets anything through unscanned, or forgets that it is owed.
  await server.kill()
  const again = await startServer(folder, settings)
  const asked = await signIn(again.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  await until(
    'a refusal after the restart',
    async () =>
      (await sendMail(again.mx, ['ann@mailkeep.test'], plainMail('too-much')))?.startsWith('451 4.3.2 ') === true,
  )
  expect(await subjectsIn(again, 'ann@mailkeep.test')).toEqual([])

  away.behave('scan')
  for (const id of accepted) expect((await outcomesOf(asked, id)).map(({ state }) => state)).toEqual(['delivered'])
  const last = await until('mail to be taken again', async () =>
    mailIdIn(await sendMail(again.mx, ['ann@mailkeep.test'], plainMail('last'))),
  )
  await outcomesOf(asked, last)
  expect(await subjectsIn(again, 'ann@mailkeep.test')).toEqual(
    [...accepted.map((_, number) => `mail-${number}`), 'last'].toSorted(),
  )
  await until('the end of the alarm', async () =>
    (await alarmsIn(asked, 'over')).some((alarm) => alarm.startsWith('scanner-away ')),
  )
  expect(await again.stop()).toBe(0)
  await away.close()
})
