import { pino } from 'pino'
import { expect, it } from 'vitest'
import { isDeclined } from '#domain/kernel/decider'
import { DAY } from '#domain/kernel/instant'
import { owedCopies } from '#infra/commands/owed-copies'
import { installation } from '#test/dsl/api-installation'
import { archive, clean, judge, recordDelivery, recordScan, scored } from '#test/dsl/mail'
import { sweepContent } from './content-sweep.ts'
import { orphanSweep } from './orphan-sweep.ts'

const here = installation()
const ANN = 'ann@one.test'
const BEN = 'ben@one.test'

const delivered = (mailbox: string): Promise<string> =>
  here.api.mail(
    [{ address: mailbox, mailbox }],
    {},
    recordScan(clean),
    judge(scored(mailbox, 0)),
    recordDelivery(mailbox),
  )
const sweep = async (): Promise<number> => {
  await here.api.settled()
  const { parts, clock } = here.api
  const sweeping = { ...parts, log: parts.events, clock: () => clock.now, logger: pino({ level: 'silent' }) }
  return (await sweepContent(sweeping)) + (await orphanSweep()(sweeping))
}

it('drops no content that the archive is owed, has, or had until it was purged', async () => {
  const outcome = await here.api.parts.commands.archive(
    ANN,
    { kind: 'set-subscription', subscribed: true, asker: { kind: 'operator' } },
    here.api.asked(),
  )
  expect(isDeclined(outcome)).toBe(false)
  const owed = await delivered(ANN)
  await delivered(BEN)
  here.api.clock.now = Date.now() + 100 * DAY
  expect(await sweep()).toBe(1)
  expect(await sweep()).toBe(0)

  const { events: log, archiveTerms: terms } = here.api.parts
  expect(await owedCopies({ log, terms }, owed)).toMatchObject([{ account: ANN, role: 'received' }])
  await here.api.mailCommand(owed, archive(ANN))
  expect(await sweep()).toBe(0)

  await here.api.mailCommand(owed, { kind: 'record-purge', account: ANN, role: 'received' })
  expect(await sweep()).toBe(1)
})
