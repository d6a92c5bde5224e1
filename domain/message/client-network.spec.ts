import { expect, test } from 'vitest'
import { networkOf } from './client-network.ts'

test('clients are counted by IPv4 address and IPv6 /64', () => {
  expect(networkOf('192.0.2.1')).toBe('192.0.2.1')
  expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
  expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0::/64')
  expect(networkOf('::ffff:192.0.2.1')).toBe('::ffff:192.0.2.1')
  expect(networkOf('::1')).toBe('0:0:0:0::/64')
  expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
  expect(networkOf('2001:0db8:0001:0002::')).toBe('2001:db8:1:2::/64')
})
