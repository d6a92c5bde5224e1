import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { signIn } from '#test/dsl/http-client'
import { SERVER_PASSWORD, startServer } from '#test/dsl/server'
import { SmtpClient } from '#test/dsl/smtp/client'
import { temporaryFolder } from '#test/dsl/temporary'
import { EICAR } from '../contract/antivirus/mails.ts'
import { seeded } from '../system/load.ts'
import { startClamd } from './clamd.ts'
import { eventsOf, eventually, outcomes, setPolicy, subjects } from './observations.ts'

const SEED = 20_261_124
const MAILS = 300
const KILLS = 6

interface Sent {
  readonly id: string
  readonly subject: string
  readonly infected: boolean
}

/** One mail after the other on one connection, some of them infected; each must get its 250. */
const sendAll = async (port: number, random: () => number): Promise<readonly Sent[]> => {
  const client = await SmtpClient.connect(port)
  onTestFinished(() => client.destroy())
  await client.reply()
  await client.say('EHLO load.test')
  const sent: Sent[] = []
  for (let count = 0; count < MAILS; count++) {
    const infected = random() < 0.4
    const subject = `${infected ? 'Infected' : 'Clean'} ${String(count).padStart(3, '0')}`
    await client.say('MAIL FROM:<cara@outside.test>')
    await client.say('RCPT TO:<ann@mailkeep.test>')
    await client.say('DATA')
    const reply = await client.say(
      `From: <cara@outside.test>\r\nTo: <ann@mailkeep.test>\r\nSubject: ${subject}\r\nMessage-ID: <${count}@outside.test>\r\nDate: ${new Date().toUTCString()}\r\n\r\n${infected ? EICAR.toString('latin1') : 'Hello.'}\r\n.`,
    )
    const id = /^250 2\.0\.0 Ok: (\w+)/.exec(reply ?? '')?.[1]
    if (id === undefined) throw new Error(`mail ${count} was answered ${reply}`)
    sent.push({ id, subject, infected })
    await sleep(20)
  }
  return sent
}

it(`delivers nothing unscanned while clamd is killed ${KILLS} times under load`, async () => {
  const clamd = await startClamd()
  onTestFinished(() => clamd.stop())
  const server = await startServer(await temporaryFolder(), {
    MAILKEEP_ANTIVIRUS_ENGINE: 'clamd',
    MAILKEEP_CLAMD_ADDRESS: clamd.socket,
  })
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  await setPolicy(admin, 'inspection', { scan: { retryDelays: [1_000] } })

  const random = seeded(SEED)
  const sending = sendAll(server.mx, random)
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(300 + random() * 1_000)
    await clamd.kill()
    await sleep(300 + random() * 1_000)
    await clamd.restart()
  }
  const sent = await sending
  let deferred = 0
  for (const { id, infected } of sent) {
    await eventually(async () =>
      expect(await outcomes(admin, id)).toEqual({ ann: infected ? 'quarantined: virus' : 'delivered' }),
    )
    deferred += (await eventsOf(admin, id, 'ScanDeferred')).length > 0 ? 1 : 0
  }
  expect(deferred, 'mails that had to wait').toBeGreaterThan(0)
  expect(await subjects(server, 'ann')).toEqual(sent.filter((one) => !one.infected).map(({ subject }) => subject))
  expect(await server.stop()).toBe(0)
})
