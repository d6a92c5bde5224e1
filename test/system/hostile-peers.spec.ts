import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { signIn } from '#test/dsl/http-client'
import { SERVER_PASSWORD, startServer } from '#test/dsl/server'
import { SmtpClient } from '#test/dsl/smtp/client'
import { temporaryFolder } from '#test/dsl/temporary'
import { seeded } from './load.ts'
import {
  greeted,
  health,
  mailIdIn,
  mailOn,
  memoryOf,
  outcomesOf,
  plainMail,
  sendMail,
  setPolicy,
  subjectsIn,
  until,
} from './observing.ts'

const MEGABYTE = 1024 * 1024
const ANN = 'ann@mailkeep.test'

/** A socket whose errors are what this is about, and whose replies are thrown away. */
const peer = async (port: number): Promise<Socket> => {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => socket.destroy())
  await once(socket, 'connect')
  socket.resume()
  return socket
}

const inData = async (port: number): Promise<Socket> => {
  const socket = await peer(port)
  socket.write(`EHLO hostile.test\r\nMAIL FROM:<a@outside.test>\r\nRCPT TO:<${ANN}>\r\nDATA\r\n`)
  await sleep(20)
  return socket
}

/** Each does its worst to one server at the same time; a good client's mail has to get through meanwhile. */
const attacks: Record<string, (port: number, random: () => number) => Promise<Socket[]>> = {
  '500 that say nothing': async (port) => Promise.all(Array.from({ length: 500 }, () => peer(port))),
  '50 that drip a command': async (port) =>
    Promise.all(
      Array.from({ length: 50 }, async () => {
        const socket = await peer(port)
        for (const letter of 'EHLO dripping.test with a very long name') {
          socket.write(letter)
          await sleep(20)
        }
        return socket
      }),
    ),
  '50 that drip a header and a body': async (port) =>
    Promise.all(
      Array.from({ length: 50 }, async (_, number) => {
        const socket = await inData(port)
        for (const letter of number % 2 === 0 ? 'Subject: dripping' : '\r\n\r\ndripping') {
          socket.write(letter)
          await sleep(40)
        }
        return socket
      }),
    ),
  '100 that close their half': async (port) =>
    Promise.all(
      Array.from({ length: 100 }, async (_, number) => {
        const socket = number % 2 === 0 ? await peer(port) : await inData(port)
        socket.end(number % 4 < 2 ? '' : 'Subject: half')
        return socket
      }),
    ),
  '100 that reset in the middle of DATA': async (port) =>
    Promise.all(
      Array.from({ length: 100 }, async () => {
        const socket = await inData(port)
        socket.write('Subject: reset\r\n\r\n'.padEnd(50_000, 'x'))
        socket.resetAndDestroy()
        return socket
      }),
    ),
  'endless lines': async (port) =>
    Promise.all(
      Array.from({ length: 8 }, async (_, number) => {
        const socket = number % 2 === 0 ? await peer(port) : await inData(port)
        const block = Buffer.alloc(256 * 1024, 0x61)
        for (let sent = 0; sent < 40 && socket.writable; sent++) {
          if (!socket.write(block)) await Promise.race([once(socket, 'drain'), once(socket, 'close'), sleep(500)])
        }
        return socket
      }),
    ),
  'STARTTLS and then rubbish': async (port, random) =>
    Promise.all(
      Array.from({ length: 50 }, async () => {
        const socket = await peer(port)
        socket.write('EHLO hostile.test\r\nSTARTTLS\r\n')
        await sleep(50)
        socket.write(Buffer.from(Array.from({ length: 3_000 }, () => Math.floor(random() * 256))))
        return socket
      }),
    ),
  'rubbish from the first octet': async (port, random) =>
    Promise.all(
      Array.from({ length: 100 }, async () => {
        const socket = await peer(port)
        socket.write(Buffer.from(Array.from({ length: 5_000 }, () => Math.floor(random() * 256))))
        return socket
      }),
    ),
  'replies that are never read': async (port) =>
    Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = await peer(port)
        socket.pause()
        const commands = Buffer.from('EHLO deaf.test\r\nNOOP\r\n'.repeat(2_000))
        for (let sent = 0; sent < 20 && socket.writable; sent++)
          if (!socket.write(commands)) await Promise.race([once(socket, 'drain'), once(socket, 'close'), sleep(100)])
        return socket
      }),
    ),
}

it('serves its good clients whatever others do, and its memory stays bounded', async () => {
  const server = await startServer(await temporaryFolder())
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  const random = seeded(7_331)
  const sent: { id: string; subject: string }[] = []
  const good = async (subject: string): Promise<void> => {
    const id = mailIdIn(await sendMail(server.mx, [ANN], plainMail(subject)))
    expect({ subject, accepted: id !== null }).toEqual({ subject, accepted: true })
    sent.push({ id: id ?? '', subject })
  }
  for (let count = 0; count < 30; count++) await good(`before-${count}`)
  // What the first mails need (the inspection threads, their scanner) is not what hostile peers cost.
  for (const { id } of sent)
    while ((await outcomesOf(admin, id)).some(({ state }) => state !== 'delivered')) await sleep(50)
  const before = await memoryOf(server.pid)
  const report: string[] = []
  for (const [name, attack] of Object.entries(attacks)) {
    const attacking = attack(server.mx, random)
    await good(`during ${name}`)
    const sockets = await attacking
    await good(`beside ${name}`)
    expect({ name, live: (await health(server, 'live')).status }).toEqual({ name, live: 200 })
    report.push(`${name} ${((await memoryOf(server.pid)) / MEGABYTE).toFixed(0)}`)
    for (const socket of sockets) socket.destroy()
  }
  console.log(`hostile peers: ${(before / MEGABYTE).toFixed(0)} MB before; ${report.join(', ')} MB`)
  expect((await memoryOf(server.pid)) - before).toBeLessThan(200 * MEGABYTE)
  for (const { id } of sent) expect((await outcomesOf(admin, id)).map(({ state }) => state)).toEqual(['delivered'])
  expect(await subjectsIn(server, ANN)).toEqual(sent.map(({ subject }) => subject).toSorted())
  expect(await server.stop()).toBe(0)
})

it('sends away who keeps a connection idle, drips, or is one too many, and says why', async () => {
  const server = await startServer(await temporaryFolder())
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  await setPolicy(admin, 'edge', { limits: { idleTimeout: 1_000, dataTimeout: 2_000, connections: 40 } })
  // Policy is fresh from the next connection on.
  const idle = await greeted(server.mx)
  const dripping = await greeted(server.mx)
  for (const command of ['MAIL FROM:<a@outside.test>', `RCPT TO:<${ANN}>`, 'DATA']) await dripping.say(command)
  const drops = setInterval(() => dripping.write('x: y\r\n'), 100)
  expect(await idle.reply()).toMatch(/^421 4\.4\.2 No complete command/)
  expect(await dripping.reply()).toMatch(/^421 4\.4\.2 The message took longer/)
  clearInterval(drops)
  for (const client of [idle, dripping]) client.destroy()

  const crowd = await Promise.all(Array.from({ length: 60 }, () => peer(server.mx)))
  await until(
    'a refusal',
    async () => (await sendMailOrFarewell(server.mx))?.startsWith('421 4.7.0 All 40 connections') === true,
  )
  for (const socket of crowd) socket.destroy()
  await until('room again', async () => mailIdIn(await sendMailOrFarewell(server.mx)))
  expect(await server.stop()).toBe(0)
})

/** The greeting when that is a refusal, else the reply to a mail. */
const sendMailOrFarewell = async (port: number): Promise<string | null> => {
  const client = await SmtpClient.connect(port)
  try {
    const greeting = await client.reply()
    if (greeting?.startsWith('220') !== true) return greeting
    await client.say('EHLO client.test')
    return await mailOn(client, [ANN], plainMail('room'))
  } finally {
    client.destroy()
  }
}

it('cuts off who names 100,000 recipients, there or not, with little memory, and serves the next', async () => {
  const server = await startServer(await temporaryFolder())
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  /** How often which reply came before the connection was closed. */
  const repliesTo = async (recipient: (number: number) => string): Promise<Record<string, number>> => {
    const client = await greeted(server.mx)
    await client.say('MAIL FROM:<a@outside.test>')
    client.write(Array.from({ length: 100_000 }, (_, number) => `RCPT TO:<${recipient(number)}>\r\n`).join(''))
    const replies: Record<string, number> = {}
    for (let reply = await client.reply(30_000); reply !== null; reply = await client.reply(30_000))
      replies[reply.slice(0, 9)] = (replies[reply.slice(0, 9)] ?? 0) + 1
    client.destroy()
    return replies
  }
  const before = await memoryOf(server.pid)
  const present = await repliesTo((number) => `ann+${number}@mailkeep.test`)
  expect(present).toEqual({ '250 2.1.5': 1_000, '452 4.5.3': expect.any(Number), '421 4.7.0': 1 })
  expect(present['452 4.5.3']).toBeLessThan(2_000)
  expect(await repliesTo((number) => `guess${number}@mailkeep.test`)).toEqual({ '550 5.1.1': 20, '421 4.7.0': 1 })
  const grown = (await memoryOf(server.pid)) - before
  console.log(`100,000 recipients: ${JSON.stringify(present)}, ${(grown / MEGABYTE).toFixed(0)} MB more`)
  expect(grown).toBeLessThan(150 * MEGABYTE)

  const id = mailIdIn(await sendMail(server.mx, [ANN], plainMail('the next')))
  expect((await outcomesOf(admin, id ?? '')).map(({ state }) => state)).toEqual(['delivered'])
  expect(await server.stop()).toBe(0)
})
