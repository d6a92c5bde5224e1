import { expect, it } from 'vitest'
import { installation } from '#test/dsl/api-installation'
import { mxListener } from '#test/dsl/mx'
import { conversation } from '#test/dsl/smtp/conversation'

const here = installation()
const listen = mxListener(here)

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
