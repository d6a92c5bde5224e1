import { expect, it, vi } from 'vitest'
import { installation } from '#test/dsl/api-installation'
import { clean, recordScan } from '#test/dsl/mail'

const here = installation()

it('lists what a reaction set aside, with the reason, and puts it back', async () => {
  const root = await here.api.as('root@one.test')
  const { events } = here.api.parts
  await here.api.mail([{ address: 'ann@one.test', mailbox: 'ann@one.test' }], {}, recordScan(clean, here.api.clock.now))
  const group = await events.subscribeGroup('inspector', { types: ['Accepted'] })
  for await (const delivery of group) {
    delivery.park('it is too odd')
    break
  }
  await group.close()
  const parked = await vi.waitFor(async () => {
    const answer = await root.get('/reactions/inspector/parked')
    expect(answer.items).toMatchObject([{ type: 'Accepted', reason: 'it is too odd' }])
    return answer
  })
  const listed = await root.get('/reactions')
  expect(listed.items.find(({ name }) => name === 'inspector')).toMatchObject({ parked: 1 })
  const replayed = await root.post('/reactions/inspector/replay', { eventIds: [parked.items[0]?.['eventId']] })
  expect(replayed.json).toEqual({ replayed: 1 })
  expect((await root.get('/reactions/inspector/parked')).items).toEqual([])
})

it('knows no other groups than those there are', async () => {
  const root = await here.api.as('root@one.test')
  expect((await root.get('/reactions/nobody/parked')).status).toBe(404)
  expect((await root.post('/reactions/nobody/replay', {})).status).toBe(404)
})
