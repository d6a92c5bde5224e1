import { expect, it } from 'vitest'
import { isIn } from './networks.ts'

const networks = ['127.0.0.0/8', '192.0.2.0/25', '2001:db8:1::/48', '::1/128']

it.each(['127.0.0.1', '127.255.255.255', '192.0.2.127', '2001:db8:1:ffff::1', '::1', '::ffff:127.0.0.1'])(
  '%s is in one of them',
  (address) => expect(isIn(networks, address)).toBe(true),
)

it.each(['128.0.0.1', '192.0.2.128', '2001:db8:2::1', '::2', '::ffff:192.0.2.200', 'unknown', ''])(
  '%s is in none of them',
  (address) => expect(isIn(networks, address)).toBe(false),
)

it('is in none where there are none', () => expect(isIn([], '127.0.0.1')).toBe(false))
