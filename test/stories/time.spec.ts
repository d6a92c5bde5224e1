import { expect, it } from 'vitest'
import { DAY } from '#domain/kernel/instant'
import { sweepContent } from '#apps/steward/content-sweep'
import { orphanSweep } from '#apps/steward/orphan-sweep'
import { startDemo } from '#test/dsl/mailkeep'
import { as, comesTo, done, eventually, GTUBE, sendRaw, trace, types } from '#test/dsl/story'

const raw = Buffer.from(`From: <cara@outside.example>\r\nTo: <ann@mailkeep.test>\r\nSubject: Offer\r\n\r\n${GTUBE}\r\n`)

it('ends a quarantine when its time is over, and drops bytes when nothing needs them and the grace is over', async () => {
  let moved = 0
  const clock = () => Date.now() + moved
  const demo = await startDemo({}, { clock })
  const { content } = demo.foundation
  const steward = demo.foundation
  let admin = await as(demo, 'admin')
  // Digests would be mails of their own, whose bytes are dropped in their time, too.
  await done(admin, 'PUT', '/policies/digest', {
    document: { wishes: { times: [], days: 'every-day', when: 'held' } },
    reason: 'story',
  })
  /** Sessions end in between. */
  const later = async (time: number) => {
    moved += time
    admin = await as(demo, 'admin')
  }

  // Two mails with the same bytes: they are kept once.
  const first = await sendRaw(demo, { to: ['ann@mailkeep.test'], raw })
  await comesTo(admin, first, { ann: 'quarantined: spam' })
  await later(10 * DAY)
  const second = await sendRaw(demo, { to: ['ben@mailkeep.test'], raw })
  const { events } = await comesTo(admin, second, { ben: 'quarantined: spam' })
  const hash = events[0]!.data['contentHash'] as Parameters<typeof content.has>[0]

  // Bytes whose mail never came to be.
  const orphan = await content.put(Buffer.from('The client went away before its 250.'))
  const evidence = events.find(({ type }) => type === 'Scored')!.data['evidence'] as typeof hash

  await later(19 * DAY)
  const early = await as(demo, 'ann')
  expect((await done(early, 'GET', '/quarantine'))['items']).toHaveLength(1)

  await later(DAY + 1_000)
  await comesTo(admin, first, { ann: 'expired: spam' })
  expect(await comesTo(admin, second, { ben: 'quarantined: spam' })).toBeDefined()

  // The other mail still needs them.
  await later(4 * DAY)
  expect(await sweepContent(steward)).toBe(0)
  expect(await content.has(hash)).toBe(true)
  expect(types(await trace(admin, first))).not.toContain('ContentDropped')

  const sweepOrphans = orphanSweep()
  expect(await sweepOrphans(steward)).toBe(1)
  expect(await content.has(orphan.hash)).toBe(false)
  expect(await content.has(hash)).toBe(true)
  expect(await content.has(evidence)).toBe(true)

  // Its time is over too: the grace of the second begins.
  await later(6 * DAY)
  await comesTo(admin, second, { ben: 'expired: spam' })
  expect(await sweepContent(steward)).toBe(0)
  await later(3 * DAY + 1_000)
  expect(await sweepContent(steward)).toBe(1)
  expect(await content.has(hash)).toBe(false)
  expect(await content.has(evidence)).toBe(true)
  for (const id of [first, second])
    await eventually(async () => {
      const traced = await trace(admin, id)
      expect(traced.events.at(-1)).toMatchObject({ type: 'ContentDropped', data: { contentHash: hash } })
    })

  // The same bytes again are a mail like any other.
  const third = await sendRaw(demo, { to: ['ann@mailkeep.test'], raw })
  await comesTo(admin, third, { ann: 'quarantined: spam' })
  expect(await content.has(hash)).toBe(true)
}, 120_000)
