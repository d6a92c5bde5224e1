import { array, asyncProperty, boolean, check, constantFrom, defaultReportMessage, nat, record } from 'fast-check'
import { expect, it } from 'vitest'
import { ContentMissing, type ContentStore } from '#infra/content-store/port'
import { sha256, someBytes } from './bytes.ts'

const LATER = Date.UTC(2200, 0, 1)

/** Small contents and large ones, few, so that steps meet. */
const CONTENTS = [10, 2_000, 60_000, 140_000, 300_000].map((size) => {
  const bytes = someBytes(size, `interleaved ${size}`)
  return { bytes, hash: sha256(bytes) }
})
type Content = (typeof CONTENTS)[number]

const steps = array(
  record({
    verb: constantFrom('put', 'drop', 'read'),
    content: nat(CONTENTS.length - 1).map((index) => CONTENTS[index]),
    /** Wait for all that is under way before this step? */
    settle: boolean(),
  }),
  { minLength: 1, maxLength: 25 },
)

/** Any steps, several at once: the store ends where some order of them ends, and no reader ever gets wrong bytes. */
export function interleavings(open: () => Promise<ContentStore>): void {
  it('agrees with a set of contents under any interleaving of puts, drops and reads', async () => {
    const store = await open()
    const outcome = await check(
      asyncProperty(steps, async (steps) => {
        for (const { hash } of CONTENTS) await store.drop(hash, LATER)
        const present = new Set<Content>()
        let underWay: { verb: string; content: Content; done: Promise<void> }[] = []
        const settle = async (): Promise<void> => {
          await Promise.all(underWay.map(({ done }) => done))
          for (const content of CONTENTS) {
            const verbs = underWay.filter((one) => one.content === content).map(({ verb }) => verb)
            const [put, dropped] = [verbs.includes('put'), verbs.includes('drop')]
            const is = await holds(store, content)
            const was = present.has(content)
            const mayBe = put || (was && !dropped)
            const mayBeGone = dropped || (!was && !put)
            if (is ? !mayBe : !mayBeGone) throw new Error(`${content.bytes.length} bytes: found ${is} after ${verbs}`)
            if (is) present.add(content)
            else present.delete(content)
          }
          underWay = []
        }
        for (const { verb, content, settle: first } of steps) {
          if (first) await settle()
          if (content !== undefined) underWay.push({ verb, content, done: act(store, verb, content) })
        }
        await settle()
      }),
      { seed: 20_261, numRuns: 60 },
    )
    await store.close()
    expect(defaultReportMessage(outcome)).toBeUndefined()
  })
}

async function act(store: ContentStore, verb: string, content: Content): Promise<void> {
  if (verb === 'put') await store.put(content.bytes)
  else if (verb === 'drop') await store.drop(content.hash, LATER)
  else await holds(store, content)
}

/** Throws when other bytes are there. */
async function holds(store: ContentStore, { bytes, hash }: Content): Promise<boolean> {
  try {
    const read = await store.read(hash, bytes.length)
    if (read.equals(bytes)) return true
  } catch (error) {
    if (error instanceof ContentMissing) return false
    throw error
  }
  throw new Error(`${bytes.length} bytes came back different`)
}
