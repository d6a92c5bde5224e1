import { describe, expect, it } from 'vitest'
import { reachability } from './reachability.ts'

const settled = async (promise: Promise<void>): Promise<boolean> =>
  Promise.race([promise.then(() => true), new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))])

describe('whether DNS servers are there', () => {
  it('is asked of them once at a time, and their silence is believed for a while', async () => {
    const world = { now: 0, asked: 0 }
    const watch = reachability(
      async () => {
        world.asked += 1
        return false
      },
      () => world.now,
    )
    expect(watch.isAway()).toBe(false)
    expect(await Promise.all([settled(watch.foundAway()), settled(watch.foundAway())])).toEqual([true, true])
    expect(world.asked).toBe(1)
    expect(watch.isAway()).toBe(true)
    world.now = 10_001
    expect(watch.isAway()).toBe(false)
  })

  it('is proven by any answer, which ends the silence too', async () => {
    const world = { now: 0, asked: 0 }
    const watch = reachability(
      async () => {
        world.asked += 1
        return false
      },
      () => world.now,
    )
    await watch.foundAway()
    watch.answered()
    expect(watch.isAway()).toBe(false)
    expect(await settled(watch.foundAway())).toBe(false)
    expect(world.asked).toBe(1)
  })

  it('is not doubted when an answer came while the probe was silent', async () => {
    const watch = reachability(
      async () => {
        watch.answered()
        return false
      },
      () => 0,
    )
    expect(await settled(watch.foundAway())).toBe(false)
  })
})
