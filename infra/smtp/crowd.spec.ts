import { expect, test } from 'vitest'
import { clientKey, Crowd } from './crowd.ts'

test('clients are counted by IPv4 address and IPv6 /64', () => {
  expect(clientKey('192.0.2.1')).toBe('192.0.2.1')
  expect(clientKey('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
  expect(clientKey('2001:db8::1')).toBe('2001:db8:0:0::/64')
  expect(clientKey('::1')).toBe('0:0:0:0::/64')
  expect(clientKey('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
  expect(clientKey('2001:0db8:0001:0002::')).toBe('2001:db8:1:2::/64')
})

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
