import { describe, expect, it } from 'vitest'
import { parseClamdAddress } from './clamd-address.ts'
import { parseVersion } from './clamd.ts'

describe('the address of clamd', () => {
  it('is a host and port, or a path', () => {
    expect(parseClamdAddress('127.0.0.1:3310')).toEqual({ socket: false, host: '127.0.0.1', port: 3310 })
    expect(parseClamdAddress('[::1]:3310')).toEqual({ socket: false, host: '::1', port: 3310 })
    expect(parseClamdAddress('clamav.internal:3310')).toEqual({ socket: false, host: 'clamav.internal', port: 3310 })
    expect(parseClamdAddress('/run/clamav/clamd.ctl')).toEqual({
      socket: '/run/clamav/clamd.ctl',
      host: false,
      port: false,
    })
  })

  it('is nothing else', () => {
    for (const wrong of ['', 'localhost', ':3310', 'localhost:0', 'localhost:70000', 'run/clamd.ctl', 'http://x:1']) {
      expect(() => parseClamdAddress(wrong)).toThrow('clamd.address must be host:port')
    }
  })
})

describe("clamd's version", () => {
  it('has the database behind a slash, when there is one', () => {
    expect(parseVersion('ClamAV 1.4.6/27001/Mon Nov 23 09:00:00 2026\n')).toEqual({
      name: 'clamd',
      version: '1.4.6',
      database: '27001',
    })
    expect(parseVersion('ClamAV 1.4.6\n')).toEqual({ name: 'clamd', version: '1.4.6', database: 'own' })
    expect(() => parseVersion('UNKNOWN COMMAND\n')).toThrow('clamd answered VERSION')
  })
})
