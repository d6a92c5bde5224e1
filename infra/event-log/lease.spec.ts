import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { prolong } from './lease.ts'

it('claims again and again as long as the work goes on, and not when it is over', async () => {
  let claims = 0
  const { lost, stop } = prolong({
    leaseMs: 30,
    claim: async () => {
      claims++
      return true
    },
    onTrouble: (error) => expect.fail(String(error)),
  })
  await vi.waitFor(() => expect(claims).toBeGreaterThan(3))
  await stop()
  const over = claims
  await sleep(100)
  expect(claims).toBe(over)
  expect(lost.aborted).toBe(false)
})

it('costs work nothing that is soon over', async () => {
  let claims = 0
  const { stop } = prolong({
    leaseMs: 60_000,
    claim: async () => {
      claims++
      return true
    },
    onTrouble: () => {},
  })
  await stop()
  expect(claims).toBe(0)
})

it('tries again when the log is away, and says when the claim is another node’s', async () => {
  const answers = [new Error('away'), true, false, true]
  const troubles: unknown[] = []
  const { lost, stop } = prolong({
    leaseMs: 30,
    claim: async () => {
      const answer = answers.shift()
      if (answer instanceof Error) throw answer
      return answer === true
    },
    onTrouble: (error) => troubles.push(error),
  })
  await vi.waitFor(() => expect(lost.aborted).toBe(true))
  await stop()
  expect(troubles).toHaveLength(1)
  expect(answers).toEqual([true])
})
