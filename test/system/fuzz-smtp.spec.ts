import { afterEach, describe, expect, test } from 'vitest'
import { fuzz } from '#test/dsl/smtp/fuzz'
import { recordingListener, type RecordingListener } from '#test/dsl/smtp/recording-listener'

/** The long form of test/conformance/smtp/fuzz.spec.ts: other seeds, longer conversations, many at once. */
describe('rubbish, for longer', () => {
  let listener: RecordingListener
  afterEach(() => listener.close(0))

  test.each(['reject', 'normalise'] as const)(
    'leaves the listener well (%s)',
    async (bareLineEnds) => {
      listener = await recordingListener({ limits: { bareLineEnds, errorsPerConnection: 60, headerSize: 20_000 } })
      let accepted = 0
      let seed = 10_000
      const one = async (): Promise<void> => {
        while (seed < 12_000) {
          const mine = seed++
          const fuzzed = await fuzz(listener, mine, 20 + (mine % 400))
          accepted += fuzzed.accepted
          expect({ seed: mine, malformed: fuzzed.malformed }).toEqual({ seed: mine, malformed: [] })
        }
      }
      await Promise.all(Array.from({ length: 8 }, one))
      expect(listener.mails).toHaveLength(accepted)
      expect(listener.incidents).toEqual([])
      await expect.poll(() => listener.connections).toBe(0)
    },
    240_000,
  )
})
