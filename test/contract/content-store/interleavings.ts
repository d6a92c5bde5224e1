import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ContentMissing, type ContentStore } from '#infra/content-store/port'
import { sha256, someBytes } from './contract.ts'

const LATER = Date.UTC(2200, 0, 1)

/** Three small contents and two large ones, so that steps meet. */
const CONTENTS = [10, 2_000, 60_000, 140_000, 300_000].map((size) => someBytes(size, `interleaved ${size}`))

const step = fc.record({
  verb: fc.constantFrom('put', 'drop', 'read'),
  which: fc.nat(CONTENTS.length - 1),
  /** Wait for all that is under way before this step? */
  settle: fc.boolean(),
})

/** Any steps, several at once: the store ends where some order of them ends, and no reader ever sees wrong bytes. */
export function interleavings(open: () => Promise<ContentStore>): void {
  it('agrees with a set of contents under any interleaving of puts, drops and reads', async () => {
    const store = await open()
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
          for (const bytes of CONTENTS) await store.drop(sha256(bytes), LATER)
          /** Per content: what it may be now. Steps that overlap may end either way. */
          const certain: (boolean | 'either')[] = CONTENTS.map(() => false)
          let underWay: { which: number; verb: string; done: Promise<unknown> }[] = []
          const settle = async () => {
            await Promise.all(underWay.map(({ done }) => done))
            for (const [which, bytes] of CONTENTS.entries()) {
              const verbs = new Set(underWay.filter((one) => one.which === which).map(({ verb }) => verb))
              if (verbs.size > 0) certain[which] = verbs.size > 1 ? 'either' : verbs.has('put')
              const is = await store.has(sha256(bytes))
              if (certain[which] !== 'either') expect(is).toBe(certain[which])
              certain[which] = is
              if (is) expect((await store.read(sha256(bytes), bytes.length)).equals(bytes)).toBe(true)
            }
            underWay = []
          }
          for (const { verb, which, settle: first } of steps) {
            if (first) await settle()
            const bytes = CONTENTS[which] ?? Buffer.alloc(0)
            if (verb === 'put') underWay.push({ which, verb, done: store.put(bytes) })
            else if (verb === 'drop') underWay.push({ which, verb, done: store.drop(sha256(bytes), LATER) })
            else void underWay.push({ which: -1, verb, done: readsRightOrNothing(store, bytes) })
          }
          await settle()
        }),
        { seed: 20_261, numRuns: 60 },
      )
    } finally {
      await store.close()
    }
  })
}

async function readsRightOrNothing(store: ContentStore, bytes: Buffer): Promise<void> {
  try {
    const read = await store.read(sha256(bytes), bytes.length)
    expect(read.equals(bytes)).toBe(true)
  } catch (error) {
    if (!(error instanceof ContentMissing)) throw error
  }
}
