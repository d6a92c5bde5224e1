import { pino } from 'pino'
import { expect, it } from 'vitest'
import { isDeclined } from '#domain/kernel/decider'
import { DAY } from '#domain/kernel/instant'
import { policyDocument } from '#domain/policy/documents'
import type { SimulationRow } from '#projections/simulations/projection'
import { installation } from '#test/dsl/api-installation'
import { runSimulations } from './simulations.ts'

const here = installation()
const ann = { address: 'ann@one.test', mailbox: 'ann@one.test' }

const asked = async (id: string) => {
  const { parts, clock } = here.api
  const outcome = await parts.commands.simulation(
    id,
    {
      kind: 'request-simulation',
      by: 'root@one.test',
      changes: { inspection: { threshold: 4 } },
      policies: {
        inspection: { ...policyDocument('inspection', { threshold: 4 }) },
        edge: { ...policyDocument('edge', {}) },
      },
      from: clock.now - DAY,
      to: clock.now + DAY,
      total: 0,
    },
    here.api.asked(),
  )
  if (isDeclined(outcome)) throw new Error(outcome.reason)
  await here.api.settled()
}

const row = async (id: string): Promise<SimulationRow> => {
  await here.api.settled()
  return here.api.parts.views.get<SimulationRow>('simulations', 'simulations', [id])!
}

it('looks at each mail once, goes on where it stood after a stop, and leaves it to the node that has it', async () => {
  const mails = new Set<string>()
  for (let count = 0; count < 230; count++) {
    here.api.clock.now += count % 3
    mails.add(await here.api.mail([ann]))
  }
  await here.api.mail([ann], { flow: 'submission', account: 'ann@one.test' })
  await asked('S1')

  const looked: string[] = []
  const stopping = new AbortController()
  const work = (node: string, stopAfter = Infinity) =>
    runSimulations(
      {
        ...here.api.parts,
        clock: () => here.api.clock.now,
        logger: pino({ level: 'silent' }),
        node,
        whatIf: async (mail, { inspection }) => {
          expect(inspection.threshold).toBe(4)
          looked.push(mail)
          if (looked.length === stopAfter) stopping.abort()
          return [{ recipient: ann.mailbox, before: 'delivered', under: 'held', released: false, reported: false }]
        },
      },
      stopAfter === Infinity ? new AbortController().signal : stopping.signal,
    )
  await work('one', 120)
  expect(await row('S1')).toMatchObject({ state: 'running', done: 120, node: 'one' })
  await work('two')
  expect(looked).toHaveLength(120)
  await work('one')
  expect(looked).toEqual([...mails])
  const done = await row('S1')
  expect(done).toMatchObject({ state: 'done', done: 230, node: null, leaseUntil: null })
  expect(JSON.parse(done.tally ?? '')).toMatchObject({ mails: 230, toHeld: 230 })
  await work('one')
  expect(looked).toHaveLength(230)
})

it('says why it failed, and is not tried for ever', async () => {
  await asked('S2')
  const work = () =>
    runSimulations(
      {
        ...here.api.parts,
        clock: () => here.api.clock.now,
        logger: pino({ level: 'silent' }),
        node: 'one',
        whatIf: () => Promise.reject(new Error('the disk is on fire')),
      },
      new AbortController().signal,
    )
  await work()
  expect(await row('S2')).toMatchObject({ state: 'failed', reason: 'the disk is on fire' })
  await work()
})
