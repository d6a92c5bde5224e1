import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Waiting, type Candidate } from './waiting.ts'

const SEED = 20_261_124
const candidate = (mail: string, domain = 'a.test', sender = 'ann'): Candidate => ({
  mail,
  domain,
  sender,
  revision: 3,
})
const always = (): boolean => true

const taken = (waiting: Waiting, ready: (destination: string) => boolean = always): Candidate[] => {
  const all: Candidate[] = []
  for (let one = waiting.take(ready); one !== null; one = waiting.take(ready)) all.push(one)
  return all
}

describe('turns', () => {
  it('go round the destinations, whoever has more', () => {
    const waiting = new Waiting({ total: 100, lane: 20 })
    for (let mail = 0; mail < 5; mail++) waiting.offer(candidate(`a${mail}`, 'a.test'), 'mx.a')
    waiting.offer(candidate('b0', 'b.test'), 'mx.b')
    expect(taken(waiting).map(({ mail }) => mail)).toEqual(['a0', 'b0', 'a1', 'a2', 'a3', 'a4'])
  })

  it('go round the senders within a destination, over all its domains', () => {
    const waiting = new Waiting({ total: 100, lane: 20 })
    for (let mail = 0; mail < 4; mail++) waiting.offer(candidate(`bulk${mail}`, 'a.test', 'news'), 'mx')
    waiting.offer(candidate('ann0', 'b.test', 'ann'), 'mx')
    waiting.offer(candidate('ann1', 'a.test', 'ann'), 'mx')
    expect(taken(waiting).map(({ mail }) => mail)).toEqual(['bulk0', 'ann0', 'bulk1', 'ann1', 'bulk2', 'bulk3'])
  })

  it('pass by a destination that is not ready, until it is brought back', () => {
    const waiting = new Waiting({ total: 100, lane: 20 })
    waiting.offer(candidate('dead'), 'mx.dead')
    waiting.offer(candidate('alive', 'b.test'), 'mx.b')
    const asked: string[] = []
    const ready = (destination: string): boolean => {
      asked.push(destination)
      return destination !== 'mx.dead'
    }
    expect(taken(waiting, ready).map(({ mail }) => mail)).toEqual(['alive'])
    expect(asked).toEqual(['mx.dead', 'mx.b'])
    expect(taken(waiting)).toEqual([])
    waiting.offer(candidate('dead2'), 'mx.dead')
    expect(taken(waiting)).toEqual([])
    waiting.bringBack('mx.dead')
    expect(taken(waiting).map(({ mail }) => mail)).toEqual(['dead', 'dead2'])
  })

  it('follow a domain to other hosts', () => {
    const waiting = new Waiting({ total: 100, lane: 20 })
    waiting.offer(candidate('one'), '? a.test')
    waiting.offer(candidate('two', 'b.test'), 'mx')
    expect(taken(waiting, (destination) => destination !== '? a.test').map(({ mail }) => mail)).toEqual(['two'])
    waiting.move('a.test', 'mx')
    const destinations: string[] = []
    waiting.take((destination) => destinations.push(destination) > 0)
    expect(destinations).toEqual(['mx'])
  })
})

describe('room', () => {
  it('is never all given to one sender at one domain: the rest of theirs stays in the view', () => {
    const waiting = new Waiting({ total: 100, lane: 1_000 })
    const kept = Array.from({ length: 200 }, (_, mail) => waiting.offer(candidate(`m${mail}`), 'mx')).filter(Boolean)
    expect(kept.length).toBeLessThanOrEqual(25)
    expect(waiting.offer(candidate('other', 'b.test', 'ben'), 'mx.b')).toBe(true)
    expect(waiting.toRefill()).toEqual([])
    taken(waiting)
    expect(waiting.toRefill()).toEqual([{ domain: 'a.test', sender: 'ann' }])
    expect(waiting.toRefill()).toEqual([])
    expect(waiting.missed).toBe(false)
  })

  it('that is used up turns away whom it has no lane for, and remembers that it did', () => {
    const waiting = new Waiting({ total: 3, lane: 10 })
    for (let mail = 0; mail < 3; mail++) expect(waiting.offer(candidate(`m${mail}`, `${mail}.test`), 'mx')).toBe(true)
    expect(waiting.offer(candidate('late', 'late.test'), 'mx')).toBe(false)
    expect(waiting.missed).toBe(true)
    expect(waiting.size).toBe(3)
  })

  it('holds a candidate once', () => {
    const waiting = new Waiting({ total: 10, lane: 10 })
    expect(waiting.offer(candidate('m'), 'mx')).toBe(true)
    expect(waiting.offer(candidate('m'), 'mx')).toBe(true)
    expect(taken(waiting)).toHaveLength(1)
  })
})

/** What may come in any order. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ is: fc.constant('offer' as const), domain: fc.nat(4), sender: fc.nat(3) }) },
  { weight: 4, arbitrary: fc.record({ is: fc.constant('take' as const), closed: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('move' as const), domain: fc.nat(4), to: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('back' as const) }) },
)

it('whatever comes in whatever order: nothing that was taken in is lost or handed out twice, and memory keeps its bounds', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const waiting = new Waiting({ total: 20, lane: 6 })
      const inside = new Map<string, Candidate>()
      const where = new Map<string, string>()
      let mails = 0
      let misplaced = false
      const out = (one: Candidate | null): void => expect(one === null || inside.delete(one.mail)).toBe(true)
      for (const one of steps) {
        if (one.is === 'offer') {
          const domain = `${one.domain}.test`
          const next = candidate(`m${mails++}`, domain, `s${one.sender}`)
          const destination = where.get(domain) ?? `mx${one.domain % 3}`
          if (waiting.offer(next, destination)) inside.set(next.mail, next)
          where.set(domain, destination)
        } else if (one.is === 'take') {
          out(
            waiting.take((destination, { domain }) => {
              misplaced ||= where.get(domain) !== destination
              return destination !== `mx${one.closed}`
            }),
          )
        } else if (one.is === 'move') {
          where.set(`${one.domain}.test`, `mx${one.to}`)
          waiting.move(`${one.domain}.test`, `mx${one.to}`)
        } else waiting.bringBack()
        expect(waiting.size).toBe(inside.size)
        expect(waiting.size).toBeLessThanOrEqual(20)
      }
      waiting.bringBack()
      for (const one of taken(waiting)) out(one)
      expect([...inside]).toEqual([])
      expect(misplaced).toBe(false)
    }),
    { seed: SEED, numRuns: 300 },
  )
})

it('nobody waits for more turns than there are others: between two of one sender each other sender at the destination has one', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(4), { minLength: 1, maxLength: 60 }), (senders) => {
      const waiting = new Waiting({ total: 10_000, lane: 1_000 })
      for (const [mail, sender] of senders.entries()) waiting.offer(candidate(`m${mail}`, 'a.test', `s${sender}`), 'mx')
      const turns = taken(waiting).map(({ sender }) => sender)
      for (const [at, sender] of turns.entries()) {
        const next = turns.indexOf(sender, at + 1)
        if (next === -1) continue
        const between = turns.slice(at + 1, next)
        const still = new Set(turns.slice(at + 1))
        still.delete(sender)
        expect(between.length).toBeGreaterThanOrEqual(still.size)
        expect(new Set(between).size).toBe(between.length)
      }
    }),
    { seed: SEED, numRuns: 200 },
  )
})
