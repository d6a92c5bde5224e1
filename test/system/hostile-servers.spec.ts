import { expect, it, onTestFinished } from 'vitest'
import { scriptedDns } from '#test/dsl/dns'
import { dnsServer } from '#test/dsl/dns-server'
import { signIn, type HttpClient } from '#test/dsl/http-client'
import { stepsWithin } from '#test/dsl/relaying'
import { SERVER_PASSWORD, startServer } from '#test/dsl/server'
import { HOSTILE_SERVERS, LARGE, STEP_MS, type HostileServer } from '#test/dsl/smtp/hostile-servers'
import { scriptedServer } from '#test/dsl/smtp/scripted-server'
import { temporaryFolder } from '#test/dsl/temporary'
import { signedIn } from './load.ts'
import { health, mailIdIn, mailOn, memoryOf, plainMail, sendWithoutLimits, setPolicy, until } from './observing.ts'
import { startSink } from './sink.ts'

/** The long form of test/conformance/smtp/hostile-servers.spec.ts: a whole server, several connections to each at a time, and others that must not wait. */
const MEGABYTE = 1024 * 1024
const ANN = 'ann@mailkeep.test'
const TO_EACH = 12
const TO_OTHERS = 60
const LARGE_ONES = 4

interface Played extends HostileServer {
  readonly name: string
  readonly domain: string
  readonly address: string
}

/** Those that do the same on every connection. */
const played = Object.entries(HOSTILE_SERVERS)
  .filter(([, { dialogues }]) => dialogues.length === 1)
  .map(([name, hostile], place): Played => {
    return { ...hostile, name, domain: `hostile${place}.test`, address: `127.0.1.${place + 1}` }
  })

/** What became of a mail first, by recipient. */
const firstOutcomes = async (admin: HttpClient, id: string): Promise<ReadonlyMap<string, string>> => {
  const { body } = await admin.ask('GET', `/mails/${id}`)
  const events = body['events'] as { type: string; data: { recipient?: string } }[]
  const outcomes = events.filter(({ type }) => ['Delivered', 'Deferred', 'Bounced'].includes(type))
  return new Map(outcomes.toReversed().map(({ type, data }) => [data.recipient ?? '', type]))
}

it(`delivers to others whatever ${played.length} hostile servers do, and its memory stays bounded`, async () => {
  const sink = await startSink({ address: '127.0.0.1', port: 0, random: () => 1 })
  const servers = await Promise.all(
    played.map(({ address, dialogues }) => scriptedServer(dialogues, { host: address, port: sink.port })),
  )
  const dns = await dnsServer(
    scriptedDns(
      Object.fromEntries(
        [{ domain: 'good.test', address: '127.0.0.1' }, ...played].flatMap(({ domain, address }) => [
          [domain, { MX: [{ priority: 10, exchange: `mx.${domain}` }] }],
          [`mx.${domain}`, { A: [address] }],
        ]),
      ),
    ),
  )
  onTestFinished(async () => {
    await sink.close()
    dns.close()
  })
  const server = await startServer(await temporaryFolder(), {
    MAILKEEP_SUBMISSIONS_PORT: '0',
    MAILKEEP_DNS_SERVERS: dns.address,
    MAILKEEP_RELAY_PORT: String(sink.port),
  })
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  await sendWithoutLimits(admin)
  await setPolicy(admin, 'relay', {
    timeouts: stepsWithin(STEP_MS),
    destinations: Object.fromEntries(
      played.flatMap(({ domain, tls }) => (tls === undefined ? [] : [[domain, { tls }]])),
    ),
  })
  const client = await signedIn(server, ANN, 'submissions')
  const submit = async (to: readonly string[], subject: string, body?: string): Promise<string> => {
    const reply = await mailOn(client, to, plainMail(subject, body, ANN), ANN)
    const id = mailIdIn(reply)
    if (id === null) throw new Error(`not taken: ${reply}`)
    return id
  }
  const toThe = (large: boolean): string[] =>
    played.filter((one) => (one.large ?? false) === large).map(({ domain }) => `x@${domain}`)

  // What the first mails need is not what hostile servers cost.
  for (let count = 0; count < 20; count++) await submit(['first@good.test'], `first-${count}`)
  await until('the first mails', () => sink.taken.length === 20)
  const before = await memoryOf(server.pid, 'VmHWM')

  const large = `${'x'.repeat(76)}\r\n`.repeat(LARGE / 78)
  const ids = [await submit(toThe(true), 'large', large), await submit(toThe(false), 'small')]
  for (let count = 1; count < LARGE_ONES; count++) await submit(toThe(true), `large-${count}`, large)
  for (let count = 1; count < TO_EACH; count++) await submit(toThe(false), `small-${count}`)
  for (let count = 0; count < TO_OTHERS; count++) await submit([`x${count}@good.test`], `good-${count}`)
  await until('the mails for others', () => sink.taken.length === 20 + TO_OTHERS, 60_000)
  // They did not wait for the others' end.
  const { body } = await admin.ask('GET', '/queue?limit=1')
  expect(body['items']).toHaveLength(1)

  const wanted = Object.fromEntries(played.map(({ name, comesTo }) => [name, comesTo]))
  const outcomes = await until(
    'an outcome of each',
    async () => {
      const seen = new Map((await Promise.all(ids.map((id) => firstOutcomes(admin, id)))).flatMap((one) => [...one]))
      return (
        seen.size === played.length &&
        Object.fromEntries(played.map(({ name, domain }) => [name, seen.get(`x@${domain}`)]))
      )
    },
    60_000,
  )
  expect(outcomes).toEqual(wanted)
  expect((await health(server, 'live')).status).toBe(200)
  const most = await memoryOf(server.pid, 'VmHWM')
  const connections = servers.reduce((sum, one) => sum + one.connections, 0)
  console.log(
    `hostile servers: ${played.length} of them with ${connections} connections, ${TO_OTHERS} mails to others meanwhile; memory ${(before / MEGABYTE).toFixed(0)} MB before, ${(most / MEGABYTE).toFixed(0)} MB at most`,
  )
  expect(most - before).toBeLessThan(200 * MEGABYTE)
  client.destroy()
  expect(await server.stop()).toBe(0)
})
