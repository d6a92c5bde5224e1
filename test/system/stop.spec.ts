import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { signIn } from '#test/dsl/http-client'
import { SERVER_PASSWORD, startServer } from '#test/dsl/server'
import { temporaryFolder } from '#test/dsl/temporary'
import { fromOutside, seeded, startLoad } from './load.ts'
import { greeted, mailIdIn, outcomesOf, plainMail, subjectsIn } from './observing.ts'

it('finishes the messages under way when it is told to stop, dismisses who has none, and ends with 0', async () => {
  const folder = await temporaryFolder()
  const server = await startServer(folder)
  const load = startLoad(fromOutside(server), 6, 'load', seeded(41))
  const idle = await greeted(server.mx)
  const slow = await greeted(server.mx)
  for (const command of ['MAIL FROM:<a@outside.test>', 'RCPT TO:<ann@mailkeep.test>', 'DATA']) await slow.say(command)
  const [head = '', tail = ''] = plainMail('under-way').split('\r\n\r\n')
  slow.write(`${head}\r\n\r\n`)
  await sleep(1_000)

  const began = performance.now()
  const stopped = server.stop()
  expect(await idle.reply()).toMatch(/^421 4\.3\.2 /)
  await sleep(1_500)
  slow.write(`${tail}.\r\n`)
  const id = mailIdIn(await slow.reply())
  expect(id).not.toBeNull()
  expect(await stopped).toBe(0)
  expect(performance.now() - began).toBeLessThan(30_000)
  await load.stop()
  for (const client of [idle, slow]) client.destroy()
  expect(load.acknowledged.length).toBeGreaterThan(10)

  const again = await startServer(folder)
  const admin = await signIn(again.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  const acknowledged = [...load.acknowledged, { id: id ?? '', key: 'under-way', recipients: ['ann@mailkeep.test'] }]
  for (const { id: mail, recipients } of acknowledged)
    expect((await outcomesOf(admin, mail)).map(({ mailbox, state }) => `${mailbox} ${state}`).toSorted()).toEqual(
      recipients.map((mailbox) => `${mailbox} delivered`).toSorted(),
    )
  for (const address of new Set(acknowledged.flatMap(({ recipients }) => recipients)))
    expect(await subjectsIn(again, address)).toEqual(
      acknowledged
        .filter(({ recipients }) => recipients.includes(address))
        .map(({ key }) => key)
        .toSorted(),
    )
  expect(await again.stop()).toBe(0)
})

it('ends within 30 s although a client never finishes its message, and keeps nothing of that', async () => {
  const folder = await temporaryFolder()
  const server = await startServer(folder)
  const endless = await greeted(server.mx)
  for (const command of ['MAIL FROM:<a@outside.test>', 'RCPT TO:<ann@mailkeep.test>', 'DATA'])
    await endless.say(command)
  const dripping = setInterval(() => endless.write('x: y\r\n'), 200)
  const began = performance.now()
  try {
    expect(await server.stop()).toBe(0)
  } finally {
    clearInterval(dripping)
    endless.destroy()
  }
  expect(performance.now() - began).toBeLessThan(30_500)
  expect(mailIdIn(await endless.reply())).toBeNull()

  const again = await startServer(folder)
  const admin = await signIn(again.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  expect((await admin.ask('GET', '/mails?flow=inbound')).body['items']).toEqual([])
  expect(await again.stop()).toBe(0)
})

it('ends at once when nothing is under way', async () => {
  const server = await startServer(await temporaryFolder())
  const idle = await Promise.all(Array.from({ length: 20 }, () => greeted(server.mx)))
  const leaving = idle.map(async (client) => {
    const farewell = await client.reply(30_000)
    client.destroy()
    return farewell
  })
  const began = performance.now()
  expect(await server.stop()).toBe(0)
  // Measured 0.2 s; the bound is for a machine that is busy otherwise.
  expect(performance.now() - began).toBeLessThan(3_000)
  for (const farewell of await Promise.all(leaving)) expect(farewell).toMatch(/^421 4\.3\.2 /)
})
