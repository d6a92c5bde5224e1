import { expect, it } from 'vitest'
import { HOUR, MINUTE } from '#domain/kernel/instant'
import { clamdDouble } from '#test/contract/antivirus/clamd-double'
import { startDemo } from '#test/dsl/mailkeep'
import { as, comesTo, done, EICAR, eventually, inbox, outcomes, send, trace, types } from '#test/dsl/story'

it('keeps what it can not scan waiting, says so once, holds it after a day, and goes on by itself', async () => {
  const clamd = await clamdDouble()
  // Nothing is answered: the connection closes.
  clamd.behave('close')
  let moved = 0
  try {
    const demo = await startDemo(
      { MAILKEEP_ANTIVIRUS_ENGINE: 'clamd', MAILKEEP_CLAMD_ADDRESS: clamd.address },
      { clock: () => Date.now() + moved },
    )
    const admin = await as(demo, 'admin')
    const to = ['ann@mailkeep.test']

    const patient = await send(demo, { to, subject: 'Patient' })
    const infected = await send(demo, { to, subject: 'Infected', body: EICAR })
    await eventually(async () => expect(types(await trace(admin, patient))).toContain('ScanDeferred'))
    expect(await outcomes(admin, patient)).toEqual({ ann: 'pending' })

    // One alarm, and one mail about it: mail of our own needs no scanner.
    await eventually(async () => {
      const { items } = (await done(admin, 'GET', '/alarms')) as { items: { kind: string; state: string }[] }
      expect(items).toMatchObject([{ kind: 'scanner-away', subject: 'clamd', state: 'raised' }])
    })
    await eventually(async () => expect(await inbox(demo, 'admin')).toHaveLength(1))
    expect((await inbox(demo, 'admin'))[0]).toContain('Subject: Alarm: scanner-away (clamd)')

    // A day later it is held as unscannable; nobody has seen it.
    moved += 24 * HOUR
    const again = await as(demo, 'admin')
    await comesTo(again, patient, { ann: 'quarantined: unscannable' })
    await comesTo(again, infected, { ann: 'quarantined: unscannable' })
    expect((await inbox(demo, 'ann')).filter((mail) => !mail.includes(' held for you'))).toEqual([])

    // Back: the clean one arrives, the other is what it is, and everybody hears that it is over.
    clamd.behave('scan')
    moved += 6 * MINUTE
    await comesTo(again, patient, { ann: 'delivered' })
    await comesTo(again, infected, { ann: 'quarantined: virus' })
    expect((await inbox(demo, 'ann')).filter((mail) => !mail.includes(' held for you'))).toHaveLength(1)
    await eventually(async () => {
      const { items } = (await done(again, 'GET', '/alarms')) as { items: { kind: string; state: string }[] }
      expect(items.filter(({ kind }) => kind === 'scanner-away')).toMatchObject([{ state: 'over' }])
    })
    await eventually(async () => {
      const told = (await inbox(demo, 'admin')).filter((mail) => mail.includes('scanner-away'))
      expect(told.map((mail) => /^Subject: (\w+)/m.exec(mail)?.[1])).toEqual(['Alarm', 'Over'])
    })
  } finally {
    await clamd.close()
  }
}, 120_000)
