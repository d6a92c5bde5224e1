import { afterEach, describe, expect, test } from 'vitest'
import { fuzz } from '#test/dsl/smtp/fuzz'
import { recordingListener, type RecordingListener } from '#test/dsl/smtp/recording-listener'

describe('rubbish', () => {
  let listener: RecordingListener
  afterEach(() => listener.close(0))

  test.each(['reject', 'normalise'] as const)(
    'is answered in well-formed replies, and every mail answered with 250 is one the session took (%s)',
    async (bareLineEnds) => {
      listener = await recordingListener({ limits: { bareLineEnds, errorsPerConnection: 30, headerSize: 20_000 } })
      let accepted = 0
      for (let seed = 1; seed <= 150; seed++) {
        const fuzzed = await fuzz(listener, seed, 60)
        accepted += fuzzed.accepted
        expect({ seed, malformed: fuzzed.malformed, closed: fuzzed.closed }).toEqual({
          seed,
          malformed: [],
          closed: true,
        })
      }
      expect(accepted).toBeGreaterThan(3)
      expect(listener.mails).toHaveLength(accepted)
      expect(listener.incidents).toEqual([])
      await expect.poll(() => listener.connections).toBe(0)
    },
  )
})
