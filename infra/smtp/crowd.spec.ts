import { expect, test } from 'vitest'
import { Crowd } from './crowd.ts'

test('who leaves makes room, and an empty place is told', async () => {
  const crowd = new Crowd()
  const limits = { connections: 3, connectionsPerAddress: 2 }
  expect(crowd.enter('192.0.2.1', limits)).toBeNull()
  expect(crowd.enter('192.0.2.1', limits)).toBeNull()
  expect(crowd.enter('192.0.2.1', limits)?.check).toBe('connections-per-address')
  expect(crowd.enter('192.0.2.2', limits)).toBeNull()
  expect(crowd.enter('192.0.2.3', limits)?.check).toBe('connections')
  crowd.leave('192.0.2.1')
  expect(crowd.enter('192.0.2.3', limits)).toBeNull()
  const empty = crowd.empty()
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) crowd.leave(address)
  await expect(empty).resolves.toBeUndefined()
  expect(crowd.size).toBe(0)
})
