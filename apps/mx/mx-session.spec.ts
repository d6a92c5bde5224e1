import { monotonicFactory } from 'ulid'
import { pino } from 'pino'
import { afterEach, expect, it } from 'vitest'
import { listenSmtp, type SmtpListener } from '#infra/smtp/listen'
import { policyDocument } from '#domain/policy/documents'
import { installation } from '#test/dsl/api-installation'
import { scriptedDns } from '#test/dsl/dns'
import { conversation } from '#test/dsl/smtp/conversation'
import { MxSessions } from './mx-sessions.ts'
import { Recipients } from './recipients.ts'

const here = installation()
const open: SmtpListener[] = []
afterEach(async () => {
  for (const listener of open.splice(0)) await listener.close(0)
})

const LIMITS = policyDocument('edge', {}).limits

/** A listener over the real parts of the installation, under a pressure that the spec says. */
const listen = async (pressure: { backlog?: number; freeBytes?: number; directoryAway?: boolean } = {}) => {
  const { parts } = here.api
  const refused: string[] = []
  const listener = await listenSmtp({
    bind: '127.0.0.1',
    port: 0,
    hostname: 'mx.one.test',
    tls: null,
    mode: 'mx',
    log: pino({ level: 'silent' }),
    limits: () => ({ ...LIMITS, bareLineEnds: 'reject' }),
    sessions: new MxSessions({
      ...parts,
      recipients: new Recipients(
        pressure.directoryAway === true
          ? { lastPosition: () => Promise.resolve('99999999999999999999' as never) }
          : parts.events,
        parts.views,
      ),
      dns: scriptedDns(),
      logger: pino({ level: 'silent' }),
      metrics: { accepted: () => {}, refused: (stage, check) => refused.push(`${stage} ${check}`) },
      pressure: { backlog: () => pressure.backlog ?? 0, freeBytes: () => pressure.freeBytes ?? 1e12 },
      clock: parts.now,
      newMailId: monotonicFactory(),
      hostname: 'mx.one.test',
    }),
  })
  open.push(listener)
  return { port: listener.port, refused }
}

const begin = '<- 220\n-> EHLO client.example\n<- 250'

it('lets mail wait outside while too much waits within', async () => {
  const { port, refused } = await listen({ backlog: 10_000 })
  await conversation(port, `${begin}\n-> MAIL FROM:<a@outside.example>\n<- 451 4.3.2`)
  expect(refused).toEqual(['mail backlog'])
  await conversation((await listen({ backlog: 9_999 })).port, `${begin}\n-> MAIL FROM:<a@outside.example>\n<- 250`)
})

it('lets mail wait outside while the disk is nearly full', async () => {
  const { port, refused } = await listen({ freeBytes: 200 * 1024 * 1024 })
  await conversation(port, `${begin}\n-> MAIL FROM:<a@outside.example>\n<- 452 4.3.1`)
  expect(refused).toEqual(['mail disk'])
})

it('asks to come again when it can not tell who is there: better than a wrong refusal', async () => {
  const { port, refused } = await listen({ directoryAway: true })
  await conversation(
    port,
    `${begin}\n-> MAIL FROM:<a@outside.example>\n<- 250\n-> RCPT TO:<ann@one.test>\n<- 451 4.3.0`,
  )
  expect(refused).toEqual(['rcpt directory-unavailable'])
}, 30_000)

it('takes no more mailboxes with one mail than its events can tell of', async () => {
  const { commands } = here.api.parts
  for (const [name, count] of [
    ['many', 1_500],
    ['most', 600],
    ['crowd', 2_100],
  ] as const) {
    const members = Array.from({ length: count }, (_, at) => `${name}-${at}@big.test`)
    if (name === 'many') await here.api.domain('big.test')
    for (const address of members)
      await commands.hostedDomain('big.test', { kind: 'claim-address', address }, here.api.asked())
    await commands.hostedDomain(
      'big.test',
      { kind: 'define-group', address: `${name}@big.test`, displayName: '', members },
      here.api.asked(),
    )
  }
  await here.api.settled()
  const { port, refused } = await listen()
  await conversation(
    port,
    `${begin}
    -> MAIL FROM:<a@outside.example>
    <- 250
    -> RCPT TO:<many@big.test>
    <- 250
    -> RCPT TO:<most@big.test>
    <- 452 4.5.3
    -> RCPT TO:<crowd@big.test>
    <- 550 5.2.4
    -> RCPT TO:<many@big.test>
    <- 250
    -> DATA
    <- 354
    -> Subject: To very many
    -> 
    -> Hello all.
    -> .
    <- 250 2.0.0 Ok:`,
  )
  expect(refused).toEqual(['rcpt mailboxes-per-mail', 'rcpt mailboxes-per-mail'])
}, 120_000)
