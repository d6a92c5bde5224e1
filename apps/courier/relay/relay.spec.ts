import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { MINUTE } from '#domain/kernel/instant'
import { LogUnavailable } from '#infra/event-log/port'
import { installation } from '#test/dsl/api-installation'
import { scriptedDns } from '#test/dsl/dns'
import { relaying } from '#test/dsl/relaying'
import { recordingListener } from '#test/dsl/smtp/recording-listener'
import { scriptedServer, type ScriptedServer } from '#test/dsl/smtp/scripted-server'

const here = installation()
const { start, submitted, retried, events, outcomes } = relaying(here)
const PATIENCE = { timeout: 10_000, interval: 20 }

const hello = '<- 220 mx\n-> EHLO mail.test\n<- 250-mx\\n250-8BITMIME\\n250 PIPELINING'
const take = '-> MAIL\n<- 250 2.1.0 ok\n-> RCPT\n<- 250 2.1.5 ok\n-> DATA\n<- 354 go on\n.. message\n<- 250 2.0.0 taken'
const takesAll = `${hello}\n.. here\n${take}\n.. again`
const at = ({ port }: Pick<ScriptedServer, 'port'>, domain = 'remote.test') => ({
  port,
  zone: { [domain]: { MX: [{ priority: 10, exchange: 'mx1.remote.test' }] }, 'mx1.remote.test': { A: ['127.0.0.1'] } },
})

describe('hosts', () => {
  it('are tried by preference until one speaks about the mail', async () => {
    const [gone, turnsAway, good] = [
      await scriptedServer(['.. close']),
      await scriptedServer(['<- 554 5.3.2 no service here\n-> QUIT']),
      await scriptedServer([takesAll]),
    ]
    await start({
      zone: {
        'remote.test': {
          MX: ['good', 'gone', 'turns-away'].map((exchange, place) => ({ priority: [30, 10, 20][place], exchange })),
        },
        ...Object.fromEntries(['good', 'gone', 'turns-away'].map((name) => [name, { A: ['127.0.0.1'] }])),
      },
      ports: { good: good.port, gone: gone.port, 'turns-away': turnsAway.port },
    })
    const first = await submitted(['x@remote.test'])
    await expect.poll(() => outcomes(first), PATIENCE).toEqual(['Delivered x@remote.test good 2.0.0'])
    expect([gone.connections, turnsAway.connections, good.messages.length]).toEqual([1, 1, 1])
    // Who was away a moment ago is not asked first again.
    const second = await submitted(['y@remote.test'])
    await expect.poll(() => outcomes(second), PATIENCE).toEqual(['Delivered y@remote.test good 2.0.0'])
    expect([gone.connections, turnsAway.connections]).toEqual([1, 1])
  })

  it('have addresses of which one that leads nowhere costs one try', async () => {
    const good = await scriptedServer([takesAll])
    await start({
      port: good.port,
      zone: {
        'remote.test': { MX: [{ priority: 10, exchange: 'mx1.remote.test' }] },
        'mx1.remote.test': { A: ['127.0.0.1'], AAAA: ['::1'] },
      },
    })
    const id = await submitted(['x@remote.test'])
    await expect.poll(() => outcomes(id), PATIENCE).toEqual(['Delivered x@remote.test mx1.remote.test 2.0.0'])
  })

  it('are the domain itself where it has an address and no MX', async () => {
    const good = await scriptedServer([takesAll])
    await start({ port: good.port, zone: { 'remote.test': { A: ['127.0.0.1'] } } })
    const id = await submitted(['x@remote.test'])
    await expect.poll(() => outcomes(id), PATIENCE).toEqual(['Delivered x@remote.test remote.test 2.0.0'])
  })

  it('that the DNS does not tell now are asked for again', async () => {
    await start({ zone: { 'remote.test': 'servfail' } })
    const id = await submitted(['x@remote.test'])
    await expect.poll(() => outcomes(id), PATIENCE).toEqual(['Deferred x@remote.test remote.test 4.4.3'])
  })

  it('are connected to from the address whose turn it is', async () => {
    const good = await scriptedServer([takesAll])
    await start({ ...at(good), from: ['127.0.0.2'] })
    const id = await submitted(['x@remote.test'])
    await expect.poll(() => outcomes(id), PATIENCE).toEqual(['Delivered x@remote.test mx1.remote.test 2.0.0'])
  })
})

describe('one transaction', () => {
  it('has all recipients of a mail at the destination, the case of their local parts kept', async () => {
    const mx = await scriptedServer([
      `${hello}\n-> MAIL\n<- 250 ok\n-> RCPT TO:<Xena@remote.test>\n<- 250 ok\n-> RCPT TO:<y@remote.test>\n<- 450 4.2.0 greylisted\n-> RCPT\n<- 550 5.1.1 nobody\n-> DATA\n<- 354 go\n.. message\n<- 250 2.0.0 taken`,
    ])
    await start(at(mx))
    const id = await submitted(['Xena@remote.test', 'y@remote.test', 'z@remote.test'])
    await expect
      .poll(() => outcomes(id), PATIENCE)
      .toEqual([
        'Delivered Xena@remote.test mx1.remote.test 2.0.0',
        'Deferred y@remote.test mx1.remote.test 4.2.0',
        'Bounced z@remote.test mx1.remote.test 5.1.1',
      ])
    expect(mx.messages[0]?.content).toMatch(/^Received: [^]*\r\nSubject: Hello\r\n\r\nHello\r\n$/)
    expect(mx.messages[0]?.content).not.toContain(' for <')
  })

  it('has those of other domains at the same hosts too, and nobody twice', async () => {
    const mx = await recordingListener()
    onTestFinished(() => mx.close(0))
    const { port, zone } = at(mx)
    const hosts = [{ priority: 5, exchange: 'MX1.remote.test' }]
    await start({ port, zone: { ...zone, 'other.test': { MX: hosts } } })
    // Where they lead is known from here on.
    const known = await submitted(['x@remote.test', 'x@other.test'])
    await expect.poll(() => outcomes(known), PATIENCE).toHaveLength(2)
    const id = await submitted(['y@remote.test', 'y@other.test'])
    await expect.poll(() => outcomes(id), PATIENCE).toHaveLength(2)
    expect(mx.mails.at(-1)?.recipients).toEqual(['y@remote.test', 'y@other.test'])
    const to = mx.mails.flatMap(({ recipients }) => recipients)
    expect(to.toSorted()).toEqual(['x@other.test', 'x@remote.test', 'y@other.test', 'y@remote.test'])
  })

  it('names an internationalised domain by its A-labels', async () => {
    const mx = await scriptedServer([takesAll])
    await start(at(mx))
    const id = await submitted(['x@remote.test'], { account: 'ann@b\u00fccher.test' })
    await expect.poll(() => outcomes(id), PATIENCE).toHaveLength(1)
    expect(mx.messages[0]?.envelope[0]).toContain('<ann@xn--bcher-kva.test>')
  })

  it('that is too large for the server is followed by another at once', async () => {
    const one = `-> MAIL\n<- 250 ok\n-> RCPT\n<- 250 ok\n-> RCPT\n<- 452 4.5.3 too many recipients\n-> DATA\n<- 354 go\n.. message\n<- 250 2.0.0 taken`
    const mx = await scriptedServer([`${hello}\n${one}\n${take}`])
    await start(at(mx))
    const id = await submitted(['x@remote.test', 'y@remote.test'])
    await expect
      .poll(() => outcomes(id), PATIENCE)
      .toEqual(['Delivered x@remote.test mx1.remote.test 2.0.0', 'Delivered y@remote.test mx1.remote.test 2.0.0'])
    expect(mx.messages.map(({ envelope }) => envelope.length)).toEqual([3, 2])
    expect((await events(id)).filter(({ type }) => type === 'Deferred')).toEqual([])
  })

  it('is uncertain when the server was lost after the end of the message, and is made again when it is time', async () => {
    const mx = await scriptedServer([`${hello}\n${take.slice(0, take.lastIndexOf('<-'))}.. close`, takesAll])
    await start(at(mx))
    const id = await submitted(['x@remote.test'])
    await expect.poll(() => outcomes(id), PATIENCE).toEqual(['Deferred x@remote.test mx1.remote.test 4.4.2'])
    expect((await events(id)).find(({ type }) => type === 'Deferred')?.data).toMatchObject({ cause: 'uncertain' })
    here.api.clock.now += 5 * MINUTE
    await expect
      .poll(() => outcomes(id), PATIENCE)
      .toEqual(['Deferred x@remote.test mx1.remote.test 4.4.2', 'Delivered x@remote.test mx1.remote.test 2.0.0'])
  })
})

describe('a log that takes nothing for a while', () => {
  it('makes nothing be sent twice, nor much that could not be recorded', async () => {
    const mx = await scriptedServer([takesAll])
    const { commands } = here.api.parts
    let isFull = true
    await start({
      ...at(mx),
      perDestination: 3,
      commands: {
        mail: (...asked) =>
          isFull ? Promise.reject(new LogUnavailable('disk-full', 'no room')) : commands.mail(...asked),
      },
    })
    const ids = await Promise.all(Array.from({ length: 20 }, (_, mail) => submitted([`u${mail}@remote.test`])))
    await expect.poll(() => mx.messages.length, PATIENCE).toBeGreaterThan(0)
    // Time for more, were there to be more.
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(mx.messages.length).toBeLessThanOrEqual(3)
    isFull = false
    for (const [mail, id] of ids.entries())
      await expect.poll(() => outcomes(id), PATIENCE).toEqual([`Delivered u${mail}@remote.test mx1.remote.test 2.0.0`])
    expect(mx.messages).toHaveLength(ids.length)
  })
})

describe('what a server does not take', () => {
  it.each([
    ['octets beyond ASCII without 8BITMIME', { text: 'Subject: x\r\n\r\n\u00e4\r\n' }, 'x@remote.test', '5.6.3'],
    [
      'a header in UTF-8 without SMTPUTF8',
      { text: 'Subject: \u00e4\r\n\r\nx\r\n', smtputf8: true },
      'x@remote.test',
      '5.6.7',
    ],
    ['a local part beyond ASCII without SMTPUTF8', { smtputf8: true }, 'j\u00f6rg@remote.test', '5.6.7'],
  ])('%s comes back with the reason', async (_, mail, to, code) => {
    const mx = await scriptedServer(['<- 220 mx\n-> EHLO\n<- 250 mx\n.. here\n-> RSET\n.. again'])
    await start(at(mx))
    const id = await submitted([to], mail)
    await expect.poll(() => outcomes(id), PATIENCE).toEqual([`Bounced ${to} mx1.remote.test ${code}`])
    expect(mx.messages).toEqual([])
  })

  it('but an ASCII address and header it takes, though the submitter might have said more', async () => {
    const mx = await scriptedServer([`<- 220 mx\n-> EHLO\n<- 250 mx\n-> MAIL FROM:<ann@one.test>\n${take.slice(8)}`])
    await start(at(mx))
    const id = await submitted(['x@remote.test'], { smtputf8: true })
    await expect.poll(() => outcomes(id), PATIENCE).toEqual(['Delivered x@remote.test mx1.remote.test 2.0.0'])
    expect(mx.messages[0]?.envelope[0]).not.toContain('SMTPUTF8')
  })
})

describe('a destination', () => {
  it('that is away is left alone, and holds up no other', async () => {
    const [dead, good] = [await scriptedServer(['<- 421 4.3.2 not now']), await scriptedServer([takesAll])]
    await start({
      zone: {
        'dead.test': { MX: [{ priority: 1, exchange: 'mx.dead.test' }] },
        'mx.dead.test': { A: ['127.0.0.1'] },
        ...at(good).zone,
      },
      ports: { 'mx.dead.test': dead.port, 'mx1.remote.test': good.port },
      perDestination: 1,
    })
    const forDead = await Promise.all(Array.from({ length: 20 }, (_, mail) => submitted([`u${mail}@dead.test`])))
    const forGood = await Promise.all(Array.from({ length: 5 }, (_, mail) => submitted([`u${mail}@remote.test`])))
    for (const [mail, id] of forGood.entries())
      await expect.poll(() => outcomes(id), PATIENCE).toEqual([`Delivered u${mail}@remote.test mx1.remote.test 2.0.0`])
    expect(dead.connections).toBe(1)
    // It is looked at again, with one mail each time; when it has been away for a while the others are put off unseen.
    await vi.waitFor(
      async () => {
        here.api.clock.now += 16_000
        const all = await Promise.all(forDead.map(outcomes))
        expect(all.every((one) => one.length > 0)).toBe(true)
      },
      { timeout: 20_000, interval: 600 },
    )
    expect(dead.connections).toBeLessThan(10)
  })

  it('that is left alone is tried all the same when a person asks, once for each time', async () => {
    const mx = await scriptedServer([...Array.from({ length: 5 }, () => '<- 421 4.3.2 not now'), takesAll])
    await start(at(mx))
    const id = await submitted(['x@remote.test'])
    const deferred = 'Deferred x@remote.test mx1.remote.test 4.4.1'
    await expect.poll(() => outcomes(id), PATIENCE).toEqual([deferred])
    const cause = (await events(id)).flatMap((event) => (event.type === 'Deferred' ? [event.data.cause] : []))
    expect(cause).toEqual(['destination-away'])
    // Within the first pause, then after two pauses, and when it counts as away.
    for (const [more, later] of [1_000, 20_000, 20_000, 1_000].entries()) {
      here.api.clock.now += later
      await retried(id, 'x@remote.test')
      await expect.poll(() => outcomes(id), PATIENCE).toEqual(Array.from({ length: more + 2 }, () => deferred))
      expect(mx.connections).toBe(more + 2)
    }
    // Nobody has asked since: what comes now is put off without a connection.
    const other = await submitted(['y@remote.test'])
    await expect.poll(() => outcomes(other), PATIENCE).toEqual(['Deferred y@remote.test remote.test 4.4.1'])
    expect(mx.connections).toBe(5)
    here.api.clock.now += 1_000
    await retried(id, 'x@remote.test')
    const delivered = 'Delivered x@remote.test mx1.remote.test 2.0.0'
    await expect.poll(async () => (await outcomes(id)).at(-1), PATIENCE).toBe(delivered)
  })

  it('that the DNS did not tell a moment ago is looked up again when a person asks', async () => {
    const good = await scriptedServer([takesAll])
    const { port, zone } = at(good)
    const dns = scriptedDns({ ...zone, 'remote.test': 'servfail' })
    await start({ dns, port })
    const id = await submitted(['x@remote.test'])
    const deferred = 'Deferred x@remote.test remote.test 4.4.3'
    await expect.poll(() => outcomes(id), PATIENCE).toEqual([deferred])
    dns.set('remote.test', zone['remote.test'] ?? {})
    here.api.clock.now += 1_000
    await retried(id, 'x@remote.test')
    await expect.poll(() => outcomes(id), PATIENCE).toEqual([deferred, 'Delivered x@remote.test mx1.remote.test 2.0.0'])
  })

  it('has no more connections than policy lets it, and each is used again', async () => {
    const slowly = takesAll.replace('<- 250 2.0.0 taken', '.. wait 20ms\n<- 250 2.0.0 taken')
    const mx = await scriptedServer([slowly])
    await start({ ...at(mx), perDestination: 2 })
    const ids = await Promise.all(Array.from({ length: 30 }, (_, mail) => submitted([`u${mail}@remote.test`])))
    await vi.waitFor(async () => expect(mx.messages).toHaveLength(ids.length), { timeout: 10_000 })
    expect(mx.mostOpen).toBeLessThanOrEqual(2)
    expect(mx.connections).toBe(2)
  })

  it('gets no more mails a minute than policy lets it', async () => {
    const mx = await scriptedServer([takesAll])
    await start({ ...at(mx), perMinute: 3 })
    const ids = await Promise.all(Array.from({ length: 5 }, (_, mail) => submitted([`u${mail}@remote.test`])))
    await vi.waitFor(async () => expect(mx.messages).toHaveLength(3), { timeout: 10_000 })
    here.api.clock.now += 2 * MINUTE
    await vi.waitFor(async () => expect(mx.messages).toHaveLength(ids.length), { timeout: 10_000 })
  })

  it('serves senders in turn', async () => {
    const mx = await scriptedServer([takesAll])
    for (let mail = 0; mail < 20; mail++) await submitted([`u${mail}@remote.test`], { account: 'news@one.test' })
    await submitted(['late@remote.test'], { account: 'ben@one.test' })
    await here.api.settled()
    await start({ ...at(mx), perDestination: 1 })
    await vi.waitFor(async () => expect(mx.messages).toHaveLength(21), { timeout: 10_000 })
    const late = mx.messages.findIndex(({ envelope }) => envelope[1]?.includes('late@'))
    expect(late).toBeLessThan(3)
    expect(mx.messages[late]?.envelope[0]).toContain('ben@one.test')
  })
})

it('a smarthost gets all of it, with the password in TLS', async () => {
  const host = await scriptedServer([
    `<- 220 smart\n-> EHLO\n<- 250-smart\\n250 STARTTLS\n-> STARTTLS\n<- 220 go\n.. starttls\n-> EHLO\n<- 250-smart\\n250 AUTH PLAIN\n-> AUTH PLAIN AHVzZXIAc2VjcmV0\n<- 235 2.7.0 welcome\n.. here\n${take}\n.. again`,
  ])
  await start({
    zone: { 'smart.test': { A: ['127.0.0.1'] } },
    smarthost: { host: 'smart.test', port: host.port, tls: 'required', auth: { user: 'user', password: 'secret' } },
    perDestination: 1,
  })
  const first = await submitted(['x@anywhere.test'])
  await expect.poll(() => outcomes(first), PATIENCE).toEqual(['Delivered x@anywhere.test smart.test 2.0.0'])
  const second = await submitted(['y@elsewhere.test'])
  await expect.poll(() => outcomes(second), PATIENCE).toEqual(['Delivered y@elsewhere.test smart.test 2.0.0'])
  expect(host.surprises).toEqual([])
  expect(host.connections).toBe(1)
})
